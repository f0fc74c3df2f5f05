"""Error pages: in the reader's language, with a way on, and without technical details."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

pytestmark = pytest.mark.django_db
SECRET = "postgres://secret"


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation(SECRET)


def refused(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("<b>A sentence</b>")


urlpatterns = [
    path("broken/", broken),
    path("suspicious/", suspicious),
    path("refused/", refused),
    path("", include("config.urls")),
]


@pytest.fixture
def client(settings: object) -> Client:
    settings.ROOT_URLCONF = __name__  # type: ignore[attr-defined]
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(("url", "status"), [("/broken/", 500), ("/suspicious/", 400)])
def test_our_own_mishaps_speak_both_languages_and_tell_nothing(
    client: Client, url: str, status: int
) -> None:
    answer = client.get(url)
    page = answer.content.decode()
    assert answer.status_code == status
    assert "សូម" in page
    assert 'lang="en"' in page
    assert SECRET not in page
    assert "Traceback" not in page


def test_a_page_that_is_not_there(client: Client) -> None:
    answer = client.get("/nowhere/?x=<script>")
    assert answer.status_code == 404
    assert "រកមិនឃើញទំព័រនេះទេ" in answer.content.decode()
    assert "<script>" not in answer.content.decode()
    assert "urlpatterns" not in answer.content.decode()


def test_a_refusal_gives_its_sentence_escaped(client: Client) -> None:
    answer = client.get("/refused/")
    assert answer.status_code == 403
    assert "&lt;b&gt;A sentence&lt;/b&gt;" in answer.content.decode()


def test_a_form_from_elsewhere_is_refused_kindly(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/sign-in/", {"username": "x", "password": "y"})
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()
