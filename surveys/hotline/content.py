"""The hotline's content: today's standards as facts, and current clips, kept in memory.

Checked for changes every five seconds, so that a call needs no queries for what rarely changes and
an edited standard is spoken within seconds.
"""

import hashlib
import json
import logging
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from threading import Lock
from typing import Final

from django.db import DatabaseError, connection
from django.utils import timezone

from places.models import Level, Place
from standards.book import applicable
from standards.models import Service, Standard
from standards.row_by_row import made_of_each
from surveys.hotline import menu, numbers, sound, speech
from surveys.hotline.facts import NOTICE, Facts, Option
from surveys.hotline.facts import Service as ServiceFacts
from surveys.hotline.models import Clip, Language

log = logging.getLogger(__name__)
KEPT_FOR: Final = 5.0
COMMUNE: Final = 6
"""Digits of a commune's code."""
LEADING: Final = (
    *("fee.official", "fee.total", "fee.concession", "days.official", "checked.on"),
    *("request.promised", "digits.heard", "tell.place.heard", "action.number", "action.promised"),
)
"""What makes no sense without the number after it."""
PROMPTS_FILE: Final = menu.FLOW_FILE.parent / "prompts.json"


@cache
def prompts() -> dict[str, dict[str, str]]:
    """Return the words of every prompt, by name and language, as speakers read them."""
    loaded: dict[str, dict[str, str]] = json.loads(PROMPTS_FILE.read_text("utf-8"))["prompts"]
    return loaded


@dataclass(frozen=True)
class Content:
    """Facts and recordings at one moment."""

    facts: Facts
    clips: dict[tuple[str, str], tuple[str, int]]
    """(language, name) to (hash, milliseconds) of the clip that may be played now."""
    apology: str = ""
    """The joined sound for when the database does not answer, ready on disk; empty for none."""
    written_down: set[str] = field(default_factory=set, compare=False)
    """Joined sounds known to be in the database, so that none is written twice."""

    def for_caller(self, commune: str, notice: str, *, check: bool = False) -> Facts:
        """Return the facts as one caller may be asked about them."""
        agreed = notice == NOTICE
        if not (commune or agreed or check):
            return self.facts
        return replace(self.facts, commune=commune, agreed=agreed, check=check, by_code={})


_lock = Lock()


@dataclass
class _Kept:
    """The content in this process's memory, the time of its last check, and its stamp."""

    content: Content
    checked: float
    stamp: str


_kept: _Kept | None = None


def content() -> Content:
    """Return the hotline's content, at most five seconds old.

    When five seconds have passed one request checks whether a row has changed, and reads everything
    again only then; the others use the content in memory.
    """
    global _kept  # noqa: PLW0603  one memory per process is the point
    kept = _kept
    if kept is not None and time.monotonic() - kept.checked <= KEPT_FOR:
        return kept.content
    if not _lock.acquire(blocking=kept is None):
        return kept.content if kept is not None else content()
    try:
        if kept is not _kept and _kept is not None:
            return _kept.content
        now, stamp = time.monotonic(), _stamp()
        if kept is not None and kept.stamp == stamp:
            kept.checked = now
        else:
            _kept = kept = _Kept(_read(), now, stamp)
        return kept.content
    finally:
        _lock.release()


def warm_up() -> None:
    """Read everything before the first call.

    Where the database does not answer yet, the first call reads it.
    """
    try:
        content()
    except DatabaseError:
        log.warning("the hotline's content could not be read yet")
    finally:
        connection.close()


_ROWS: Final = """
SELECT md5(string_agg(said, ' ' ORDER BY said)) FROM (
    SELECT l::text FROM hotline_language AS l
    UNION ALL SELECT concat(c.id, c.facts_hash) FROM hotline_clip AS c WHERE c.replaced_at IS NULL
    UNION ALL SELECT s::text FROM standards_service AS s
    UNION ALL SELECT s::text FROM standards_standard AS s
    UNION ALL SELECT d::text FROM standards_standarddocument AS d
    UNION ALL SELECT concat(count(*), ' ', count(p.valid_to), max(p.valid_to), ' ',
            count(p.valid_from), max(p.valid_from))
        FROM places_place AS p
) AS row (said)
"""


def _stamp() -> str:
    """Return the day, and a hash of every row that the hotline uses: computed by the database."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS)
        return f"{timezone.localdate()} {cursor.fetchone()[0]}"


def remembered() -> Content | None:
    """Return the content this process last read, or None; never queries the database."""
    return _kept.content if _kept is not None else None


def forget() -> None:
    """Read everything again at the next question."""
    global _kept  # noqa: PLW0603
    with _lock:
        _kept = None


def facts_hash(words: str, option: Option | None) -> str:
    """Hash the words of a whole-sentence recording with the fee and days in them."""
    facts = [words, *([option.fee, option.fee_concession, option.days_max] if option else [])]
    if option is not None and option.several:
        facts.append(option.fee_unit)
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def _read() -> Content:
    languages = tuple(Language.objects.filter(is_open=True).values_list("code", flat=True))
    communes = Place.objects.valid_on(timezone.localdate()).filter(level=Level.COMMUNE)
    facts = Facts(
        languages=languages or ("km",),
        services=_services(),
        communes=frozenset(communes.values_list("code", flat=True)),
    )
    clips = _clips(facts)
    return Content(facts, clips, _apology(facts.languages, clips))


def _apology(languages: tuple[str, ...], clips: dict[tuple[str, str], tuple[str, int]]) -> str:
    """Join the apology in advance, in the first language that has the words.

    Playing it needs no database.
    """
    for language in languages:
        texts = [(n, clips[language, n][0]) for n in ("sorry", "goodbye") if (language, n) in clips]
        if texts:
            planned = sound.plan(texts)
            with suppress(OSError, sound.SoundError):
                sound.ready(planned)
                return planned.sha256
    return ""


def _services() -> tuple[ServiceFacts, ...]:
    today = timezone.localdate()
    rows = applicable(today, services=Service.objects.offered(today))
    options: dict[str, list[Option]] = defaultdict(list)
    for code, option in made_of_each(rows, _named_option, channel="hotline"):
        options[code].append(option)
    # where no standard of a service can be said, "no published price" would be untrue
    unsayable = {row.service.code for row in rows} - options.keys()
    bare = Option("standard", None, None, "KHR", None, "", None)
    everything = Service.objects.offered(today).order_by("position", "code")
    return tuple(
        ServiceFacts(s.code, tuple(options.get(s.code, [bare])), s.provider_kind)
        for s in everything
        if s.code not in unsayable
    )


def _named_option(row: Standard) -> tuple[str, Option]:
    """Return the code of the service and its option, after checking that a call can say it."""
    option = _option(row)
    speech.fee(option), speech.days(option), speech.checked(option, speech.pages(option) - 1)
    return row.service.code, option


def _option(row: Standard) -> Option:
    listed = tuple(r.document.code for r in row.required.all())
    return Option(
        code=row.option,
        fee=row.fee,
        fee_concession=row.fee_concession,
        currency=row.currency,
        days_max=row.days_max,
        day_kind=row.day_kind,
        papers=listed if listed or row.documents_known else None,
        checked=row.checked_on,
        fee_unit=row.fee_unit,
        papers_complete=row.documents_known,
    )


def _clips(facts: Facts) -> dict[tuple[str, str], tuple[str, int]]:
    now = {
        sentence(service.code, option.code): facts_hash("", option)
        for service in facts.services
        for option in service.options
    }
    stand: dict[tuple[str, str], tuple[str, int]] = {}
    for clip in Clip.objects.filter(replaced_at=None):
        stale = clip.name in now and clip.facts_hash != now[clip.name]
        if not stale:
            stand[clip.language_id, clip.name] = (clip.sha256, clip.milliseconds)
    return stand


def sentence(service: str, option: str) -> str:
    """Return the name of the recording of fee and days of one option in one sentence."""
    return f"sentence.{service}.{option}"


@dataclass(frozen=True)
class Spoken:
    """The sound of a step: clips as (name, hash), in order."""

    clips: tuple[tuple[str, str], ...] = ()

    @property
    def tells_a_fact(self) -> bool:
        """Return whether the step speaks an official fee or time."""
        return any(
            name in {"fee.official", "days.official"} or name.startswith("sentence.")
            for name, _sha in self.clips
        )


def spoken(say: tuple[str, ...], language: str, loaded: Content, state: menu.State) -> Spoken:
    """Choose the clips of a step, in the caller's language if it can say what matters.

    A step of which nothing is recorded in that language, or whose price or time is not, is said in
    another open language, after a sentence that says so. Otherwise the caller would hear two tones,
    or a menu without its price.
    """
    own = _spoken_in(say, language, loaded, state)
    facts = {name for name in say if name in {"fee.official", "days.official", "fee.total"}}
    if own and not (facts and not _tells(own)):
        return Spoken(tuple(own))
    for other in loaded.facts.languages:
        clips = _spoken_in(say, other, loaded, state) if other != language else []
        if clips and (not facts or _tells(clips)):
            notice = loaded.clips.get((other, "not-recorded"))
            before = [("not-recorded", notice[0])] if notice else []
            return Spoken((*before, *clips))
    return Spoken(tuple(own))


def _tells(clips: list[tuple[str, str]]) -> bool:
    return Spoken(tuple(clips)).tells_a_fact


def _spoken_in(
    say: tuple[str, ...], language: str, loaded: Content, state: menu.State
) -> list[tuple[str, str]]:
    """Return the clips of a step in one language; what nobody recorded in it is left out.

    Where a whole sentence of the fee and days is recorded and not stale, it is played for them.
    A number is played whole or not at all, with the words before it: a price of which one word
    is missing would be another price.
    """
    names = list(say)
    total = sentence(state.service, state.option)
    service = loaded.facts.by_code.get(state.service)
    if service is not None and (language, total) in loaded.clips:
        option = service.option(state.option)
        parts = (*speech.fee(option), *speech.days(option))
        names = replaced(names, parts, total)
    own = own_names(names, loaded)
    recorded = {name for spoken_in, name in loaded.clips if spoken_in == language}
    names = numbers.counted_in(language, named_or_spelled(shortened(names, recorded), recorded))
    return [
        (name, loaded.clips[own.get(name, language), name][0])
        for name in sayable(names, recorded | set(own))
    ]


def own_names(names: list[str], loaded: Content) -> dict[str, str]:
    """Return names of languages that are recorded in that language itself: clip's name to language.

    A person who does not understand Khmer does not recognise the Khmer word for their own language.
    """
    return {
        name: code
        for name in names
        if (code := name.removeprefix("language.")) != name and (code, name) in loaded.clips
    }


def shortened(names: list[str], recorded: set[str]) -> list[str]:
    """Return names of services as a menu says them: short where a short name is recorded."""
    texts = list(names)
    for position, name in enumerate(names[:-1]):
        short = name.replace("service.", "short.", 1)
        if name.startswith("service.") and names[position + 1].startswith("press."):
            texts[position] = short if short in recorded else name
    return texts


def named_or_spelled(names: list[str], recorded: set[str]) -> list[str]:
    """Return the clips of a commune's name, or the digits of its code where nobody recorded the
    name.
    """
    texts: list[str] = []
    for name in names:
        code = name.removeprefix("place.")
        if name in recorded or not (name != code and len(code) == COMMUNE):
            texts.append(name)
        else:
            texts += speech.digits(code)
    return texts


def sayable(names: list[str], recorded: set[str]) -> list[str]:
    """Return those of these clips that say something true without the missing ones."""
    texts: list[str] = []
    for unit in _units(names):
        if all(name in recorded for name in unit):
            texts += unit
    return texts


def _units(names: list[str]) -> Iterator[list[str]]:
    """Yield groups of clips that only make sense together.

    They are a number with its unit and the words before it, and a choice with its key; every other
    clip is a group of its own.
    """
    unit: list[str] = []
    for name in names:
        number = name.startswith(sound.FRAGMENTS)
        of_choice = name.startswith("press.") and name != "press.9.more"
        led = bool(unit) and unit[-1].startswith((*sound.FRAGMENTS, *LEADING))
        if unit and (of_choice or (led and (number or name == "fee.free"))):
            unit.append(name)
            continue
        yield unit
        unit = [name]
    yield unit


def replaced(names: list[str], parts: tuple[str, ...], text: str) -> list[str]:
    for start in range(len(names) - len(parts) + 1):
        if tuple(names[start : start + len(parts)]) == parts:
            return [*names[:start], text, *names[start + len(parts) :]]
    return names
