"""Every channel says the terms of a standard in the same words, and in both languages.

The words are read from what people get: pages, the content of the citizens' app, the tablet's
lists, posters, text messages, the script that hotline speakers read, scorecards. One content,
one statement: a list that is not complete is nowhere "no list", and nothing unknown is free.
"""

import html
import re
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone, translation

from accounts.models import Programme
from dashboards.audiences.council import scorecard
from places.models import Place
from standards import wording
from standards.models import Provider, ProviderKind, Standard, StandardDocument
from standards.terms import Terms
from standards.tests.factories import document, place, provider, service, standard
from surveys.citizen import content as app_content
from surveys.citizen import posters
from surveys.forms.lists import house_list
from surveys.hotline import content, messages, script

pytestmark = pytest.mark.django_db

# name: values of the standard, number of documents
CASES: dict[str, tuple[dict[str, Any], int]] = {
    "per-sheet": (
        {
            "fee": 1000,
            "fee_unit": "sheet",
            "days_max": 3,
            "day_kind": "working",
            "documents_known": True,
        },
        2,
    ),
    "free": ({"fee": 0, "days_max": 0, "day_kind": "working", "documents_known": True}, 0),
    "large": (
        {"fee": 12_000_000, "days_max": 1, "day_kind": "calendar", "documents_known": False},
        2,
    ),
    "unknown": ({"documents_known": False}, 0),
    "dollars": (
        {
            "fee": 100,
            "currency": "USD",
            "fee_concession": 0,
            "days_max": 30,
            "day_kind": "calendar",
            "documents_known": False,
        },
        1,
    ),
    "lower": (
        {
            "fee": 5000,
            "fee_concession": 2500,
            "days_max": 12,
            "day_kind": "working",
            "documents_known": True,
        },
        1,
    ),
}


@pytest.fixture
def office() -> Provider:
    """A hall whose services have one standard of each kind above."""
    place("010203")
    papers = [document(f"paper-{n}") for n in (1, 2)]
    for code, (values, listed) in CASES.items():
        row = standard(service(code), valid_from=date(2020, 1, 1), **values)
        for position, paper in enumerate(papers[:listed]):
            StandardDocument.objects.create(standard=row, document=paper, position=position)
    cache.clear()
    content.forget()
    return provider("hall", ProviderKind.COMMUNE, "010203")


def rows() -> Iterator[tuple[Standard, Terms]]:
    for row in Standard.objects.select_related("service"):
        yield row, Terms.of(row)


def text_of(page: str) -> str:
    """The words of a page, without markup and with single blanks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.mark.parametrize("language", ["km", "en"])
def test_every_channel_says_the_same_words(office: Provider, language: str) -> None:
    app = {s["code"]: s["options"][0] for s in app_content.book()["services"]}
    tablet = {row["service"]: row for row in _tablet_rows()}
    at = wording.LANGUAGES.index(language)
    with translation.override(language):
        poster = {r["service"]: r for r in posters.content_of(office, "a4", "http://x")["rows"]}
        promises = scorecard._promises(Place.objects.get(pk="010203"), timezone.localdate())
    for row, terms in rows():
        code = row.service.code
        with translation.override(language):
            fee, days, note = (
                wording.fee(terms),
                wording.days(terms),
                wording.documents_note(terms),
            )
            lower = wording.concession(terms)
            name = row.service.name
            page = text_of(_page(code, language))
            case = text_of(render_to_string("surveys/_promise.html", {"standard": row}))
        for answer in map(text_of, filter(None, (fee, days, note, lower))):
            assert answer in page, (code, "page")
            assert answer in case, (code, "case")
        words = app[code]["words"]
        assert [words[k][at] for k in ("fee", "days", "documents", "concession")] == [
            fee, days, note, lower,
        ]  # fmt: skip
        kinds = ("fee", "days", "documents", "concession")
        assert [tablet[code][f"{kind}_words_{language}"] for kind in kinds] == [
            fee, days, note, lower,
        ]  # fmt: skip
        line = poster[name]
        assert (line["fee"], line["days"]) == (fee, days)
        assert (line["partial"] if line["papers"] else line["nopapers"]) == note
        assert lower in line["concession"]
        facts = dict(promises[code][0].facts)
        assert {fee, days} <= set(facts.values())
        assert any(note in text for text in facts.values())
        sms, spoken = _spoken(code, row, language)
        assert text_of(fee) in sms
        assert fee in spoken
        if row.days_max is not None:
            assert text_of(days) in sms
            assert days in spoken


def _page(code: str, language: str) -> str:
    client = Client(headers={"accept-language": language})
    return client.get(f"/services/{code}/").content.decode()


def _tablet_rows() -> list[dict[str, Any]]:
    programme = Programme.objects.create(code="p", name_km="ក", name_en="P")
    return house_list("standards", programme, ()).rows


def _spoken(code: str, row: Standard, language: str) -> tuple[str, str]:
    option = content.content().facts.by_code[code].options[0]
    names = {"km": row.service.name_km, "en": row.service.name_en}
    sms = messages.answer(names, option, "", language)
    line = next(x for x in script.lines() if x.name == content.sentence(code, option.code))
    return sms, line.words(language)


def test_a_service_without_a_standard_is_said_to_have_none_on_the_first_screen(
    office: Provider, client: Client
) -> None:
    service("bare")
    cache.clear()
    page = text_of(client.get("/app/").content.decode())
    with translation.override("km"):
        for sentence in (wording.fee(None), wording.days(None), wording.documents_note(None)):
            assert sentence in page


def test_the_prompts_of_the_hotline_use_the_words_of_the_other_channels(office: Provider) -> None:
    prompts = content.prompts()
    nothing = Terms.of(Standard.objects.get(service__code="unknown"))
    free = Terms.of(Standard.objects.get(service__code="free"))
    partly = Terms.of(Standard.objects.get(service__code="large"))
    for at, language in enumerate(wording.LANGUAGES):
        with translation.override(language):
            fields = {
                "fee.free": wording.fee(free),
                "fee.unknown": wording.fee(nothing),
                "days.unknown": wording.days(nothing),
                "papers.partial": wording.documents_note(partly),
                "papers.none": wording.documents_note(free),
            }
        for name, words in fields.items():
            spoken = prompts[name]["km" if at == 0 else "en"].casefold()
            assert words.casefold().removesuffix("ទេ") in spoken, (name, language)


def test_a_posted_standard_goes_before_the_national_one_in_every_selection() -> None:
    from standards.book import StandardBook, applicable, standard_for, standards_in_force

    one, today = (
        service("own", ProviderKind.HEALTH_CENTRE, fee_by_provider=True),
        timezone.localdate(),
    )
    centre = provider("hc", ProviderKind.HEALTH_CENTRE, "010203")
    national, posted = standard(one, fee=500), standard(one, fee=800, provider=centre)
    fast = standard(one, option="fast", fee=100)
    pick = partial(applicable, today, services=[one])
    assert pick() == [fast, national]
    assert sorted(r.pk for r in pick(providers=[centre])) == sorted([fast.pk, posted.pk])
    assert standards_in_force(one, today, centre) == pick(providers=[centre])
    book = StandardBook.load(today)
    for option, at, wanted in [
        ("standard", centre, posted),
        ("standard", None, national),
        ("fast", centre, fast),
    ]:
        assert standard_for(one, option, at, today) == wanted
        assert book.standard_for(one, option, at, today) == wanted
