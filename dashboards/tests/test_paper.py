"""Paper: a scorecard is one sheet, whatever its names and figures; every sheet says what it is."""

import io
import re
from datetime import date
from typing import Any

import numpy as np
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from PIL import Image
from pypdf import PdfReader

from accounts.models import Programme
from dashboards.reports import batch, figures, scorecard, sheets
from dashboards.reports.frame import Asked
from dashboards.tests.country import BEFORE, PERIOD, make_country, person, put_score, release
from places.models import Place
from printing.typesetter import typeset
from scorecards.plans import jobs
from scorecards.plans.models import PlanJob
from scorecards.reading import scores
from standards.models import Indicator, Service

pytestmark = pytest.mark.django_db
LONG_KM = "ព្រះរាជាណាចក្រកម្ពុជាស្ត្រីក្រុមប្រឹក្សាឃុំសង្កាត់ខណ្ឌក្រុងស្រុកសហគមន៍"
EDGE = 9
"""Millimetres at each edge that stay white."""


def sheet(kind: str, code: str, language: str = "km") -> dict[str, Any]:
    place = Place.objects.select_related("parent__parent").filter(code=code).first()
    with translation.override(language):
        return sheets.OF_KIND[kind].gather(Asked(kind, PERIOD, "https://x.example", place))


def pictures(kind: str, values: dict[str, Any], ppi: float = 50) -> list[Any]:
    pages = typeset(sheets.OF_KIND[kind].template, {"sheets": [values]}, "png", ppi)
    return [np.asarray(Image.open(io.BytesIO(page)).convert("L")) for page in pages]


def edge_is_white(page: Any, ppi: float = 50, edge: float = 6) -> bool:
    width = int(edge / 25.4 * ppi)
    sides = page[:, :width], page[:, -width:], page[:width], page[-width:]
    return all((side > 250).all() for side in sides)


def read(pdf: bytes) -> list[str]:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return [" ".join(page.extract_text().replace("\u200b", "").split()) for page in pages]


def test_a_commune_is_one_sheet_that_says_what_it_is(client: Client) -> None:
    make_country()
    cache.clear()
    answer = client.get(f"/print/scorecard-010203.pdf?period={PERIOD}&language=en")
    assert answer["Content-Type"] == "application/pdf"
    front, back = read(answer.content)
    for words in (
        "Commune 01-3 Commune",
        "Quarter 2, 2026",
        "Released on 02/07/2026",
        "Worse than others: in the whole country it is 80%.",
        "Filters: Commune 01-3 Commune; Quarter 2, 2026; all services; released figures only.",
        "Code of this commune: 010203",
        "promised: free of charge",
        "Five communes like this one",
        "Next step",
    ):
        assert words in front, words
    assert "(7% to 14%)" in back or "(8% to 12%)" in back or "100/1,000" in back
    assert "100/1,000" in back
    pages = pictures("scorecard", sheet("scorecard", "010203"))
    assert len(pages) == 2
    assert all(edge_is_white(page) for page in pages)


def test_paper_shows_released_figures_whoever_prints() -> None:
    make_country()
    put_score("010202", 1, 99, service="certified-copy")  # a working figure, not released
    outcome = sheet("scorecard", "010202", "en")
    assert "Certified copy" not in str(outcome["groups"])
    assert figures.READER.is_anonymous
    assert not scores.Reader.of(figures.READER).working
    client = Client()
    client.force_login(person("coordinator"))
    pdf = client.get(f"/print/scorecard-010202.pdf?period={PERIOD}&language=en").content
    assert "Certified copy" not in " ".join(read(pdf))


def fill(codes: list[str], team: Any) -> None:
    """Extreme names, every cell of sixteen services, and sixty long commitments."""
    indicators = [
        Indicator.objects.create(
            code=code,
            provider_kinds=["commune", "police", "owso", "health_centre"],
            kind="compliance",
            name_km=f"{LONG_KM}{code}",
            name_en=f"{'Donaudampfschifffahrtsgesellschaft'} {code}",
            position=position,
        ).code
        for position, code in enumerate(("CA-C3", "CA-C4", "CA-C5", "CA-C6", "HC-C1", "HC-C2"), 9)
    ]
    services_ = [
        Service.objects.create(
            code=f"full-{n}",
            provider_kind=("commune", "police", "owso")[n % 3],
            name_km=f"{LONG_KM} {n}",
            name_en=f"An exceedingly long name of a service that has to be carried out {n}",
            position=n,
        )
        for n in range(16)
    ]
    for code in codes:
        for service in services_:
            for indicator in ("CA-C1", "CA-C2", "CA-C3", "CA-C4"):
                kind = service.provider_kind
                put_score(
                    code, 57, 87, service=service.code, indicator=indicator, provider_kind=kind
                )
        for indicator in indicators:
            for kind in ("police", "owso", "health_centre"):
                put_score(code, 57, 87, indicator=indicator, provider_kind=kind)
    Place.objects.filter(code=codes[0]).update(name_km=LONG_KM, name_latin="Q" * 60)
    release(PERIOD)


def test_the_fullest_and_longest_scorecard_is_still_one_sheet() -> None:
    codes = make_country(8)
    fill(codes[:2], None)
    outcome = sheet("scorecard", codes[0])
    long = {"text": LONG_KM * 4, "office": LONG_KM, "due": "រហូតដល់ ៣០/១១/២០២៦", "state": LONG_KM}
    line = long | {"late": "យឺត ៩៩ ថ្ងៃធ្វើការ", "denied": "", "bad": True, "good": False}
    outcome["plan"] |= {"lines": [line] * 6, "rest": LONG_KM}
    outcome["commitments"] = [line] * 60
    outcome["replies"] = [{"measure": LONG_KM, "answer": "មិនយល់ព្រម", "text": LONG_KM * 2}] * 3
    outcome["highlights"] = [{"heading": "អាក្រក់ជាងគេ", "text": LONG_KM * 4}] * 3
    for language, given in (("km", outcome), ("en", sheet("scorecard", codes[0], "en"))):
        pages = pictures("scorecard", given)
        assert len(pages) == 2, language
        assert all(edge_is_white(page) for page in pages), language
        assert 0.04 < (pages[0] < 128).mean() < 0.5
    # every number is on the back, also those for which the front has no room
    back = read(typeset(scorecard.TEMPLATE, {"sheets": [sheet("scorecard", codes[0], "en")]})[0])[1]
    assert back.count("57/87") >= 16 * 4
    wall = sheet("wall", codes[0]) | {"commitments": [line] * 12}
    (page,) = pictures("wall", wall, 30)
    assert edge_is_white(page, 30, 15)
    district = sheet("district", codes[0][:4])
    district["communes"] = (district["communes"] * 30)[:30]
    district["attention"] = [{"name": LONG_KM, "reasons": [LONG_KM * 3]}] * 20
    (page,) = pictures("district", district)
    assert edge_is_white(page)


def test_a_commune_without_figures_says_so_on_one_sheet() -> None:
    make_country(8)
    outcome = sheet("scorecard", "020202", "en")
    front, back = read(typeset(scorecard.TEMPLATE, {"sheets": [outcome]})[0])
    assert "Too few answers to show, or none." in front
    assert "Ask facilitators for more experiences" in front
    assert "Too few answers to show, or none." in back
    assert len(pictures("wall", sheet("wall", "020202"), 20)) == 1


def test_no_khmer_line_is_wider_than_its_column_or_breaks_within_a_letter() -> None:
    """Each part of the words is in the column, and no line begins with a sign or ends in coeng."""
    template = sheets.settings.ROOT / "dashboards/tests/narrow.typ"
    for words in (LONG_KM, "អ្នកមានប័ណ្ណសមធម៌មិនបង់ប្រាក់", "ប្រជាពលរដ្ឋបញ្ជាក់ថារួច" * 3):
        for width in (9, 14, 30):
            (page,) = typeset(template, {"words": words, "width": width}, "png", 100)
            ink = np.asarray(Image.open(io.BytesIO(page)).convert("L")) < 200
            right = int(np.flatnonzero(ink.any(axis=0)).max() / 100 * 25.4)
            assert right <= 10 + width, (words, width, right)


def test_words_are_cut_only_where_a_letter_with_its_signs_ends() -> None:
    text = "ស្ត្រីក្រុមប្រឹក្សាឃុំសង្កាត់" * 8
    for most in range(20, 60):
        cut = scorecard.shortened(text, most)
        assert cut.endswith("…")
        assert len(cut) <= most + 1
        rest = text[len(cut) - 1 :]
        assert not re.match("[\u17b4-\u17d3]", rest)
        assert cut[-2] != "\u17d2"
    assert scorecard.shortened("one two three four", 10) == "one two…"


def test_each_figure_on_paper_is_the_released_one() -> None:
    make_country()
    outcome = sheet("scorecard", "010202", "en")
    cell = outcome["groups"][0]["lines"][0]["cells"][0]
    released = scores.series(
        figures.READER, place="010202", indicator="CA-C1", provider_kind="commune"
    )
    row = released[released["period"] == PERIOD].iloc[0]
    assert cell["counts"] == f"{row['numerator']:.0f}/{row['denominator']:.0f}"
    service = outcome["groups"][0]["lines"][1]["cells"][0]
    before = scores.series(
        figures.READER,
        place="010202",
        indicator="CA-C1",
        provider_kind="commune",
        service="birth-registration",
    )
    earlier = before[before["period"] == BEFORE].iloc[0]
    assert service["before"] == f"{earlier['share'] * 100:.0f}%"
    assert service["arrow"] == "▲"
    # the middle of communes of its kind, beside an independent median
    kinds = dict(Place.objects.filter(code__startswith="01").values_list("code", "kind"))
    cells = scores.cells(figures.READER, period=PERIOD, indicator="CA-C1", provider_kind="commune")
    shares = sorted(
        share
        for code, share in zip(cells["place_code"], cells["share"], strict=True)
        if kinds.get(code) == kinds["010202"] and share == share
    )
    n = len(shares)
    middle = (shares[(n - 1) // 2] + shares[n // 2]) / 2
    assert cell["peers"] == f"{middle * 100:.0f}%"
    peers = [peer["name"] for peer in outcome["peers"]]
    assert len(peers) == 6
    assert outcome["peers"][0]["mine"]


def test_the_page_leads_to_every_sheet_without_a_script() -> None:
    make_country(8)
    english = Client(headers={"accept-language": "en"})
    page = english.get("/print/?place=010202").content.decode()
    for link in (
        "/print/scorecard-010202.pdf",
        "/print/wall-010202.pdf",
        "/posters/?commune=010202",
        "/print/nation-all.pdf",
    ):
        assert link in page
    assert "<script" not in page.split("<main")[1].split("</main")[0]
    district = english.get("/print/?place=0102").content.decode()
    assert "/print/district-0102.pdf" in district
    assert "Sign in to print all of them at once." in district
    for where in (
        f"/communes/010202/?period={PERIOD}",
        "/districts/0102/",
        "/compare/",
        "/posters/",
    ):
        assert "/print/" in english.get(where).content.decode(), where
    english.force_login(person("donor"))
    assert "/print/" in english.get("/donor/").content.decode()
    assert english.get("/print/?place=999999").status_code == 404
    assert english.get("/print/scorecard-999999.pdf").status_code == 404
    assert english.get("/print/nothing-010202.pdf").status_code == 404
    picture = english.get("/print/scorecard-010202.png")
    assert Image.open(io.BytesIO(picture.content)).size[0] > 500


def test_reports_of_the_nation_and_of_a_programme(client: Client) -> None:
    make_country(8)
    cache.clear()
    nation = " ".join(read(client.get("/print/nation-all.pdf?language=en").content))
    assert "The whole country, by province" in nation
    assert "Province 01" in nation
    assert "2,400 of 3,000 paid no more than the official price." in nation
    programme = Programme.objects.create(code="p1", name_km="កម្មវិធី", name_en="Programme One")
    programme.provinces.add("01")
    assert client.get(f"/print/programmes/{programme.pk}.pdf").status_code == 302
    client.force_login(person("donor"))
    body = read(client.get(f"/print/programmes/{programme.pk}.pdf?language=en").content)
    assert "Programme One" in body[0]
    assert "Province 02" not in " ".join(body)


def test_a_districts_scorecards_are_one_job_with_progress(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    make_country(8)
    sent: list[Any] = []
    monkeypatch.setattr(jobs.current_app, "send_task", lambda name, args: sent.append((name, args)))
    client = Client(headers={"accept-language": "en"})
    assert client.post("/print/scorecards/", {"place": "0102"}).status_code == 302
    donor = person("donor")
    client.force_login(donor)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/print/scorecards/", {"place": "0102", "language": "km"})
    job = PlanJob.objects.get()
    assert sent == [("dashboards.tasks.print_sheets", [job.pk])]
    assert (job.total, job.period, job.language) == (8, PERIOD, "km")
    assert "0 / 8" in client.get(answer.url).content.decode()
    monkeypatch.setattr(batch, "AT_ONCE", 3)
    seen = []
    real = batch.scorecards_as_pdf

    def watched(*given: Any) -> bytes:
        seen.append(PlanJob.objects.get().done)
        return real(*given)

    monkeypatch.setattr(batch, "scorecards_as_pdf", watched)
    assert batch.print_sheets(job.pk) == 8
    assert seen == [0, 3, 6]
    assert batch.print_sheets(job.pk) == 0  # a second message changes nothing
    page = client.get(answer.url).content.decode()
    assert "Download the PDF" in page
    pdf = b"".join(client.get(f"/print/jobs/{job.uuid}/scorecards.pdf").streaming_content)
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 16
    other = Client()
    other.force_login(person("council", "010202"))
    assert other.get(answer.url).status_code == 404  # another person's job


def test_commitments_stand_on_paper_with_what_is_late_first() -> None:
    codes = make_country(8)
    promised = [
        {"state": "confirmed", "late_days": 0, "denials": 0, "number": 1},
        {"state": "open", "late_days": 3, "denials": 0, "number": 2},
        {"state": "open", "late_days": 0, "denials": 1, "number": 3},
        {"state": "open", "late_days": 30, "denials": 0, "number": 4},
    ]

    class One:
        due_on = date(2026, 1, 1)

        def __init__(self, facts: dict[str, Any]) -> None:
            self.__dict__.update(facts)

    ordered = scorecard.in_need([One(facts) for facts in promised])  # type: ignore[misc]
    assert [one.number for one in ordered] == [3, 4, 2, 1]
    assert codes
