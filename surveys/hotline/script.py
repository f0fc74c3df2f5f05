"""The recording script: every clip the hotline may need, with the words a speaker reads."""

import json
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from places.models import KIND_WORDS_EN, KIND_WORDS_KM, Kind, Level, Place
from standards import wording
from standards.models import Document, Service
from surveys import commitments
from surveys.hotline import content, numbers
from surveys.hotline.facts import Option
from surveys.hotline.models import Clip, Language

MOST_COMMITMENTS: Final = 500
LANGUAGES_FILE: Final = content.PROMPTS_FILE.parent / "languages.json"
GROUPS: Final = {
    "prompt": _("Sentences"),
    "number": _("Numbers"),
    "month": _("Months"),
    "language": _("Languages"),
    "service": _("Services"),
    "option": _("Kinds of a service"),
    "document": _("Documents"),
    "place": _("Places"),
    "sentence": _("Whole answers"),
    "commitment": _("Commitments that citizens are asked about"),
}


@dataclass(frozen=True)
class Line:
    """One thing to record: its clip's name, its group, the words, the facts it is bound to."""

    name: str
    group: str
    words_km: str
    words_en: str
    facts: str = ""
    optional: bool = False

    def words(self, language: str) -> str:
        """Return the words for the speaker; other languages are spoken from the Khmer words."""
        return self.words_en if language == "en" else self.words_km


@dataclass(frozen=True)
class Entry:
    """A line of the script with its recording in one language, if there is one."""

    line: Line
    clip: Clip | None

    @property
    def state(self) -> str:
        """recorded, stale (its facts changed since), machine, missing or optional."""
        if self.clip is None:
            return "optional" if self.line.optional else "missing"
        if self.line.facts and self.clip.facts_hash != self.line.facts:
            return "stale"
        return "machine" if self.clip.is_machine else "recorded"


def lines(language: str = "km") -> list[Line]:
    """Return the whole script of a language, in the order in which one records it."""
    texts = [Line(name, "prompt", w["km"], w["en"]) for name, w in content.prompts().items()]
    english = numbers.ENGLISH
    texts += [
        Line(
            numbers.clip(v),
            "number",
            numbers.WORDS.get(v) or numbers.spelled(v),
            english.get(v, word),
        )
        for v, word in numbers.words_of(language).items()
    ]
    months = json.loads(LANGUAGES_FILE.read_text("utf-8"))["months"]
    texts += [
        Line(f"month.{i}", "month", km, en)
        for i, (km, en) in enumerate(zip(months["km"], months["en"], strict=True), start=1)
    ]
    texts += [
        Line(f"language.{x.code}", "language", *_name_of(x, language))
        for x in Language.objects.all()
    ]
    return texts + _of_standards()


def _name_of(named: Language, language: str) -> tuple[str, str]:
    """Return the words for a language: in itself when its own speakers record them."""
    if named.code == language and named.name_own:
        return named.name_own, named.name_own
    return named.name_km, named.name_en


def places(province: str) -> list[Line]:
    """Return the names of a province, its districts and its communes, as a caller hears them back.

    They are apart from the rest of the script, because a country has two thousand of them.
    """
    levels = (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)
    rows = Place.objects.valid_on(timezone.localdate()).filter(level__in=levels)
    return [_of_place(p) for p in rows.filter(code__startswith=province).order_by("code")]


def commitments_of(province: str) -> list[Line]:
    """Return the words of commitments of a province that callers are asked about."""
    return [
        Line(f"commitment.{one.code}", "commitment", one.text, one.text, optional=True)
        for one in commitments.asked_in([province], most=MOST_COMMITMENTS)
        if one.text
    ]


def _of_place(place: Place) -> Line:
    kind = Kind(place.kind)
    khmer = f"{KIND_WORDS_KM[kind]}{place.name_km}"
    english = f"{place.name_latin} {KIND_WORDS_EN[kind]}"
    return Line(f"place.{place.code}", "place", khmer, english)


def places_recorded(language: Language) -> int:
    """Count the recorded names of places in a language."""
    return Clip.objects.filter(
        language=language, name__startswith="place.", replaced_at=None
    ).count()


def line(name: str, language: str) -> Line | None:
    """Return one line of the script by its clip's name; None where there is no such line."""
    if name.startswith("commitment."):
        asked = commitments.find(name.removeprefix("commitment."))
        text = asked.text if asked else ""
        return Line(name, "commitment", text, text, optional=True) if text else None
    if name.startswith("place."):
        code = name.removeprefix("place.")
        return next((x for x in places(code[:2]) if x.name == name), None)
    return next((x for x in lines(language) if x.name == name), None)


def _of_standards() -> list[Line]:
    named = {s.code: s for s in Service.objects.all()}
    papers = {d.code: d for d in Document.objects.all()}
    texts: list[Line] = []
    for service in content.content().facts.services:
        names = named[service.code]
        texts.append(Line(f"service.{names.code}", "service", names.name_km, names.name_en))
        for option in service.options:
            if len(service.options) > 1:
                texts.append(_kind(option))
            texts.append(_sentence_line(names, option))
            texts += [
                Line(f"document.{p}", "document", papers[p].name_km, papers[p].name_en)
                for p in option.papers or ()
            ]
    return list({line.name: line for line in texts}.values())


def _kind(option: Option) -> Line:
    khmer, english = wording.in_both_languages(partial(wording.option_name, option.code))
    return Line(f"option.{option.code}", "option", khmer, english)


def _sentence_line(service: Service, option: Option) -> Line:
    """Return the line of a recording of fee and days together.

    The recording becomes stale when either changes.
    """
    facts = content.facts_hash("", option)
    name = content.sentence(service.code, option.code)
    fee = wording.in_both_languages(partial(wording.fee, option))
    days = wording.in_both_languages(partial(wording.days, option))
    km, en = (
        f"{named}: {' '.join(filter(None, [money, time if option.days_max is not None else '']))}"
        for named, money, time in zip((service.name_km, service.name_en), fee, days, strict=True)
    )
    return Line(name, "sentence", km, en, facts=facts, optional=True)


def entries(language: Language, province: str = "") -> list[Entry]:
    """Return the script (or with ``province`` its places' names) with the recordings of one
    language.
    """
    stand = {c.name: c for c in Clip.objects.filter(language=language, replaced_at=None)}
    wanted = [*places(province), *commitments_of(province)] if province else lines(language.code)
    return [Entry(line, stand.get(line.name)) for line in wanted]
