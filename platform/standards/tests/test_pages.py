"""The public price list and its API, in both languages."""

from datetime import date

import pytest
from django.utils import timezone

from standards import services
from standards.models import Document
from standards.templatetags import standards as words
from standards.tests.factories import place, provider, service, standard

pytestmark = pytest.mark.django_db

KM, EN = {"headers": {"accept-language": "km"}}, {"headers": {"accept-language": "en"}}


@pytest.fixture
def copy():
    """A service with everything a standard can say."""
    of = service("certified-copy", "owso", name_en="Certified copy", name_km="បញ្ជាក់ឯកសារថតចម្លង")
    paper = Document.objects.create(code="original", name_km="ច្បាប់ដើម", name_en="Original")
    return services.add_standard(
        service=of,
        by=None,
        reason="test",
        documents=[paper],
        fee=1000,
        fee_concession=500,
        fee_unit="sheet",
        days_max=3,
        day_kind="working",
        valid_years=2,
        valid_from=date(2017, 2, 8),
        legal_basis_en="Sub-decree 18",
        legal_basis_km="អនុក្រឹត្យលេខ ១៨",
        source="https://www.example.gov.kh/page ; an old poster",
        checked_on=date(2026, 11, 21),
    )


def page(client, path, language=EN):
    answer = client.get(path, **language)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_standard_is_told_in_full_in_english(client, copy):
    text = page(client, "/services/certified-copy/")
    for sentence in (
        "Certified copy",
        "1,000\u00a0riel per sheet",
        "500\u00a0riel",
        "within 3 working days",
        "Original",
        "2 years",
        "8 February 2017",
        "Sub-decree 18",
        'href="https://www.example.gov.kh/page"',
        "an old poster",
        "21/11/2026",
    ):
        assert sentence in text, sentence


def test_a_standard_is_told_in_full_in_khmer(client, copy):
    text = page(client, "/services/certified-copy/", KM)
    for sentence in (
        "បញ្ជាក់ឯកសារថតចម្លង",
        "១.០០០",
        "ក្នុងមួយសន្លឹក",
        "៣ ថ្ងៃធ្វើការ",
        "ច្បាប់ដើម",
        "អនុក្រឹត្យលេខ ១៨",
    ):
        assert sentence in text, sentence


def test_what_was_never_published_is_said_plainly_and_is_never_zero(client):
    standard(service("death", "commune"))
    text = page(client, "/services/death/")
    assert "no published price is known" in text
    assert "no published time is known" in text
    assert "no published list is known" in text
    assert "free of charge" not in text


def test_free_is_said_as_free(client):
    standard(service("birth", "commune"), fee=0, fee_unit="certificate")
    assert "free of charge" in page(client, "/services/birth/")


def test_a_service_without_any_standard_says_so(client):
    service("letter", "commune")
    assert "No published standard" in page(client, "/services/letter/")


def test_posted_fees_stand_beside_their_provider(client):
    visit = service("outpatient", "health_centre", fee_by_provider=True)
    centre = provider("hc-1", "health_centre", "010201", name_en="Health centre one")
    services.post_fee(provider=centre, service=visit, by=None, fee=2000, posted_on=date(2025, 1, 1))
    text = page(client, "/services/outpatient/")
    assert "Health centre one" in text
    assert "2,000" in text
    assert "Each provider sets its own fee" in text
    assert "each provider sets" in page(client, "/services/")


def test_another_day_shows_what_was_in_force_then(client):
    card = service("id-card", "police")
    standard(card, fee=10000, valid_from=date(2014, 7, 1), valid_to=date(2017, 12, 31))
    standard(card, fee=0, valid_from=date(2018, 1, 1))
    then = page(client, "/services/id-card/?on=2016-01-01")
    assert then.index("10,000") < then.index("At other times")
    now = page(client, "/services/id-card/")
    assert now.index("free of charge") < now.index("At other times") < now.index("10,000")
    assert page(client, "/services/id-card/?on=%E1%9F%A0%E1%9F%A1/01/2016")
    assert "not a date" in page(client, "/services/id-card/?on=31/02/2016")


def test_a_replaced_row_is_not_shown(client, copy):
    services.edit_standard(standard=copy, by=None, reason="mended", fee=1234)
    text = page(client, "/services/certified-copy/")
    assert "1,234" in text
    assert "1,000" not in text


def test_a_retired_service_leaves_the_list_and_its_page_says_so(client, copy):
    services.retire_service(
        service=copy.service, on=timezone.localdate(), by=None, reason="abolished"
    )
    assert "Certified copy" not in page(client, "/services/")
    assert "has not been given since" in page(client, "/services/certified-copy/")


def test_the_list_is_searched_blind_to_zero_width_spaces(client, copy):
    service("birth", "commune", name_en="Birth", name_km="កំណើត")
    assert "Birth" not in page(client, "/services/?q=certi")
    assert "certified-copy" in page(client, "/services/?q=បញ្ជាក់\u200bឯកសារ")
    assert "No service has" in page(client, "/services/?q=<script>")


def test_the_list_takes_a_fixed_number_of_queries(client, copy, django_assert_max_num_queries):
    client.get("/services/")
    for n in range(10):
        standard(service(f"s{n}", "commune"))
    with django_assert_max_num_queries(6):
        client.get("/services/")


def test_an_unknown_service_is_not_found(client):
    assert client.get("/services/nothing/").status_code == 404


def test_javascript_in_a_source_never_becomes_a_link():
    assert words.sources("javascript:alert(1)") == [("javascript:alert(1)", "")]


@pytest.mark.parametrize("path", ["services", "standards", "places", "providers"])
def test_the_api_is_public_and_read_only(client, path, copy):
    place("010201")
    assert client.get(f"/api/v1/{path}/").status_code == 200
    assert client.post(f"/api/v1/{path}/", {}).status_code in (401, 403, 405)


def results(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_the_api_gives_standards_in_force_on_a_day(client, copy):
    (row,) = results(client, "/api/v1/standards/")
    assert (row["service"], row["fee"], row["provider"]) == ("certified-copy", 1000, None)
    assert row["documents"][0]["code"] == "original"
    assert results(client, "/api/v1/standards/?on=2017-02-07") == []
    assert len(results(client, "/api/v1/standards/?on=08/02/2017&service=certified-copy")) == 1


def test_the_api_gives_a_providers_own_standards_beside_the_national_ones(client, copy):
    visit = service("outpatient", "health_centre", fee_by_provider=True)
    centre = provider("hc-1", "health_centre", "010201")
    services.post_fee(provider=centre, service=visit, by=None, fee=2000, posted_on=date(2025, 1, 1))
    assert len(results(client, "/api/v1/standards/")) == 1
    assert len(results(client, "/api/v1/standards/?provider=hc-1")) == 2
    assert len(results(client, "/api/v1/standards/?provider=all")) == 2


def test_the_api_finds_providers_and_places(client):
    provider("hall", "commune", "010201")
    provider("owso", "owso", "0102")
    assert len(results(client, "/api/v1/providers/?kind=commune")) == 1
    (office,) = results(client, "/api/v1/providers/?kind=owso&commune=010201")
    assert office["place"] == "0102"
    assert [p["code"] for p in results(client, "/api/v1/places/?level=commune&within=01")] == [
        "010201"
    ]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("standards/?on=2026-02-30", "on"),
        ("places/?level=planet", "level"),
        ("places/?within=abc", "within"),
        ("providers/?kind=shop", "kind"),
        ("providers/?commune=010201", "kind"),
    ],
)
def test_the_api_tells_what_it_cannot_read_by_field(client, path, field):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 400
    assert field in answer.json()


def test_pages_of_the_api_follow_each_other(client):
    for n in range(5):
        service(f"s{n}")
    first = client.get("/api/v1/services/?page_size=3").json()
    second = client.get(first["next"]).json()
    codes = [row["code"] for row in first["results"] + second["results"]]
    assert codes == [f"s{n}" for n in range(5)]


def test_the_search_for_pickers_speaks_the_readers_language(client):
    place("010201", name_km="បន្ទាយនាង", name_latin="Banteay Neang")
    for language, name in ((KM, "ឃុំបន្ទាយនាង"), (EN, "Banteay Neang Commune")):
        answer = client.get("/places/search?q=010201&level=commune", **language)
        (row,) = answer.json()["results"]
        assert row["name"] == name
        assert "Accept-Language" in answer["Vary"]
    nonsense = "/places/search?q=&level=x&within=y"
    assert client.get(nonsense).json() == {"results": []}
    assert client.get(nonsense + "&limit=%E0").status_code == 400
