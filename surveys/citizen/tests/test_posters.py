"""Posters: they show what the standards say; none is empty, none is too long."""

import io
import re
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from PIL import Image

from standards.models import Document, Provider, Service, Standard, StandardDocument
from surveys import recordings
from surveys.citizen import posters

pytestmark = pytest.mark.django_db


def line(office: str, service: str, language: str = "en") -> dict[str, Any]:
    with translation.override(language):
        what = posters.content_of(Provider.objects.get(code=office), "a4", "https://x.example")
    name = {"en": service, "km": f"ស {service}"}[language]
    return next(row for row in what["rows"] if row["service"] == name)


def pages(what: dict[str, Any]) -> list[Image.Image]:
    return [Image.open(io.BytesIO(page)) for page in posters.drawn(what, "png", 30)]


def test_a_poster_says_what_the_book_says_and_when_it_was_checked(country: None) -> None:
    copy = line("owso-0102", "certified-copy")
    assert (copy["fee"], copy["days"]) == ("1,000\u00a0riel", "within 3 working days")
    assert copy["concession"] == "With an Equity card (IDPoor): 500\u00a0riel"
    assert copy["checked"] == "Last checked: 21/11/2026"
    assert copy["papers"] == []
    assert (
        copy["nopapers"] == "no published list is known; ask the office first"
    )  # unknown is never "none"
    birth = line("hall-010201", "birth-registration", "km")
    assert birth["fee"] == "ឥតគិតថ្លៃ"
    assert birth["papers"] == ["សៀវភៅគ្រួសារ", "លិខិតមន្ទីរពេទ្យ"]
    assert (
        line("hc-banteay", "outpatient-consultation")["fee"] == "4,000\u00a0riel"
    )  # its own posted
    assert line("hc-banteay", "delivery")["fee"] == "no published price is known"


def test_anybody_gets_the_paper_in_the_size_they_asked_for(
    country: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "_numbers", [lambda: "1294"])
    cache.clear()
    for size in ("a4", "a3"):
        answer = client.get(f"/posters/owso-0102-{size}.pdf")
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
        assert len(re.findall(rb"/FontFile\d? ", answer.content)) >= 2  # letters come with it
    assert client.get("/posters/owso-0102-a5.pdf").status_code == 404
    assert client.get("/posters/no-such-a4.pdf").status_code == 404
    with translation.override("en"):
        what = posters.content_of(Provider.objects.get(code="owso-0102"), "a3", "https://x.example")
        hall = posters.content_of(
            Provider.objects.get(code="hall-010201"), "a4", "https://x.example"
        )
    assert what["hotline"] == "Hear it by telephone: 1294"
    assert what["commune"] == ""  # the office of a whole district
    assert hall["commune"] == "Code of this commune: 010201"
    (a3,) = pages(what)
    (a4,) = pages(what | {"size": "a4"})
    assert a3.size[0] == pytest.approx(a4.size[0] * 2**0.5, abs=2)


def test_an_office_without_services_says_so_and_a_long_list_goes_on(country: None) -> None:
    school = Provider.objects.get(code="school-a")
    Service.objects.filter(provider_kind="primary_school").delete()
    empty = posters.content_of(school, "a4", "https://x.example")
    assert empty["rows"] == []
    (page,) = pages(empty)
    assert len(page.convert("L").getcolors() or []) > 10  # and it is no blank sheet
    copy = Standard.objects.get(service__code="certified-copy")
    for n in range(70):
        paper = Document.objects.create(code=f"p{n}", name_km=f"ឯកសារ {n} " * 6, name_en=f"p{n}")
        StandardDocument.objects.create(standard=copy, document=paper, position=n)
        more = Service.objects.create(
            code=f"more-{n}", provider_kind="owso", name_km=f"សេវា {n} " * 8, name_en=f"more {n}"
        )
        Standard.objects.create(service=more, fee=1000 * n, valid_from=date(2020, 1, 1))
    long = posters.content_of(Provider.objects.get(code="owso-0102"), "a4", "https://x.example")
    assert len(long["rows"]) == 71
    assert 3 <= len(pages(long)) < posters.MOST_PAGES
    assert posters.fitted(long)["scale"] == 1.0
    assert posters.fitted(empty)["scale"] == posters.SCALES[0]


def test_a_poster_is_found_from_a_commune_and_words_are_never_markup(
    country: None, client: Client
) -> None:
    page = client.get("/posters/?commune=010201").content.decode()
    assert "/posters/hall-010201-a4.pdf" in page
    assert "/posters/hc-banteay-a3.pdf" in page
    assert "/posters/hall-010201-a4.pdf" in client.get("/providers/hall-010201/").content.decode()
    Service.objects.filter(code="certified-copy").update(name_km="#panic() *x* $y$ [")
    assert (
        len(pages(posters.content_of(Provider.objects.get(code="owso-0102"), "a4", "https://x")))
        == 1
    )


def test_a_poster_names_the_keys_of_the_hotline_and_leads_to_its_own_office(
    country: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "_numbers", [lambda: "1294"])
    monkeypatch.setattr(recordings, "_keys", [lambda services: {"certified-copy": "13"}])
    assert line("owso-0102", "certified-copy")["keys"].endswith("press 1 3")
    assert line("owso-0102", "certified-copy", "km")["keys"].endswith("១ ៣")
    assert line("hall-010201", "birth-registration")["keys"] == ""
    with translation.override("en"):
        reported = posters.content_of(
            Provider.objects.get(code="owso-0102"), "a4", "https://x.example"
        )
    assert reported["address"] == "https://x.example/providers/owso-0102/"
    assert len(pages(reported)) == 1
    monkeypatch.setattr(recordings, "_numbers", [])
    assert line("owso-0102", "certified-copy")["keys"] == ""  # nobody answers a telephone
