"""What every page has: language, landmarks, the way in and out, and the word DEMO when it is one."""

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.tests.factories import join, make_user

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


def text(client: Client, path: str = "/", language: str = "km") -> str:
    return client.get(path, headers={"accept-language": language}).content.decode()


@pytest.mark.parametrize("path", ["/", "/sign-in/", "/nowhere/"])
def test_every_page_names_its_language_and_has_its_landmarks(client: Client, path: str) -> None:
    for language in ("km", "en"):
        page = text(client, path, language)
        assert f'<html lang="{language}">' in page
        assert page.count("<main") == page.count("<h1") == page.count("<header") == 1
        assert page.index('href="#main"') < page.index("<header")
        assert "<footer" in page


@pytest.mark.parametrize("path", ["/", "/sign-in/?next=/me/", "/nowhere/"])
def test_every_page_can_be_read_in_the_other_language(client: Client, path: str) -> None:
    page = text(client, path)
    assert '<button type="submit" name="language" value="en" lang="en">English</button>' in page
    assert f'name="next" value="{path}"' in page
    assert 'value="km" lang="km">ភាសាខ្មែរ</button>' in text(client, path, "en")


def test_the_page_says_demo_only_where_the_people_are_invented(client: Client) -> None:
    assert "demo-banner" not in text(client)
    make_user(is_demo=True)
    for path in ("/", "/sign-in/", "/nowhere/"):
        assert "DEMO" in text(client, path)


def test_the_bar_shows_the_doors_a_person_may_open(client: Client) -> None:
    assert 'class="site-nav__bar"' not in text(client)
    bar = text(client, "/sign-in/")
    assert 'href="/sign-in/" aria-current="page"' in bar
    assert "/people/" not in bar
    user = make_user(display_name="ចាន់ សុខា")
    join(user, "people.manage")
    client.force_login(user)
    page = text(client, "/me/")
    assert "ចាន់ សុខា" in page
    assert 'action="/sign-out/"' in page


def test_a_visitor_s_page_asks_the_database_little(
    client: Client, django_assert_max_num_queries: object
) -> None:
    # whether this is a demo; and once a minute the number of the hotline
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        client.get("/")


def test_the_front_page_speaks_both_languages(client: Client) -> None:
    assert "សេវាសាធារណៈដែលរក្សាពាក្យសន្យា" in text(client)
    assert "Public services that keep their word" in text(client, "/", "en")


def test_whoever_is_signed_in_is_led_to_their_work(client: Client) -> None:
    assert 'href="/sign-in/"' in text(client)
    client.force_login(make_user())
    assert 'href="/home/"' in text(client)
    assert 'class="card door" href="/sign-in/"' not in text(client)


def test_the_khmer_font_is_ours_with_its_licence() -> None:
    page = Client().get("/").content.decode()
    assert 'rel="preload"' in page
    for name in ("khmer-400.woff2", "khmer-700.woff2", "latin-400.woff2", "OFL.txt"):
        assert finders.find(f"pages/dist/{name}"), f"{name}: build platform/pages/frontend"


def test_no_page_asks_for_anything_from_elsewhere(client: Client) -> None:
    for path in ("/", "/sign-in/"):
        page = text(client, path)
        assert "http://" not in page.replace("http://testserver", "")
        assert "https://" not in page
    style = finders.find("pages/pages.css")
    assert isinstance(style, str)
    with open(style, encoding="utf-8") as css:
        assert "http" not in css.read().replace('a[href^="http"]', "")
