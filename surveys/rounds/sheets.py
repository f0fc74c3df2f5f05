"""Spreadsheets of rounds and of information sessions: their columns, and who records their rows."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from parsing.errors import UnreadableValue
from surveys.importing.columns import Column
from surveys.models import ImportBatch
from surveys.parsing import values
from surveys.reference_data import Register
from surveys.rounds.models.attendance import COUNTS
from surveys.rounds.models.rounds import EARLIEST_YEAR, LATEST_YEAR
from surveys.rounds.services.past import PastScore, record_past_score
from surveys.rounds.services.plan import PlannedRound, plan_round
from surveys.rounds.services.sessions import ReportedSession, record_session
from surveys.services.results import Outcome, RowResult
from surveys.services.write_permission import Mandate
from surveys.validation import Problems

_PERIOD = re.compile(r"([0-9]{4})(?:\s*[-/ ]?\s*[hs]\s*([12]))?")


def read_period(text: str) -> tuple[int, int | None]:
    """Read ``2026`` or ``2026-H2`` as a year and a half-year. Raises UnreadableValue."""
    match = _PERIOD.fullmatch(values.read_code(text))
    if match is None or not EARLIEST_YEAR <= int(match[1]) <= LATEST_YEAR:
        raise UnreadableValue(_("Write a year or a half-year, such as 2026 or 2026-H2."))
    return int(match[1]), int(match[2]) if match[2] else None


def read_people(text: str) -> list[str]:
    """Read user names separated by semicolons or commas."""
    parts = re.split(r"[;,；]", text)
    return [name for name in (values.read_text(part) for part in parts) if name]


def read_kind(text: str) -> str:
    """Read the kind of a session in English or Khmer."""
    words = {
        "information": "information",
        "training": "training",
        "ការផ្តល់ព័ត៌មាន": "information",
        "វគ្គបណ្តុះបណ្តាល": "training",
    }
    return values.read_word(text, words)


def read_handouts(text: str) -> list[tuple[str, int]]:
    """Read ``poster: 20; leaflet: 100`` as names with pieces. Raises UnreadableValue."""
    handouts = []
    for part in re.split(r"[;；]", text):
        if not part.strip():
            continue
        name, _colon, pieces = part.replace("៖", ":").rpartition(":")
        if not name.strip():
            raise UnreadableValue(
                _("Write each material with its number, such as “poster: 20; leaflet: 100”.")
            )
        handouts.append((values.read_text(name), values.read_number(pieces.strip())))
    return handouts


def read_names(text: str) -> list[str]:
    """Read names separated by semicolons."""
    parts = (values.read_text(part) for part in re.split(r"[;；]", text))
    return [name for name in parts if name]


def read_notes(text: str) -> list[str]:
    """Read sentences of a meeting, separated by semicolons."""
    return read_names(text)


_COMMUNE_ALSO = ("commune code", "លេខកូដឃុំ", "ឃុំ សង្កាត់", "ឃុំ/សង្កាត់", "សង្កាត់")
_COMMUNE = Column("commune", "ឃុំ", values.read_commune, True, _COMMUNE_ALSO, "010201", "០១០២០១")
_PROGRAMME = Column("programme", "កម្មវិធី", values.read_code, also=("program",))


def _day(name: str, khmer: str, example: str = "", khmer_example: str = "") -> Column:
    return Column(name, khmer, values.read_day, name == "met_on", (), example, khmer_example)


ROUNDS = (
    Column(
        "provider",
        "លេខកូដអ្នកផ្តល់សេវា",
        values.read_code,
        True,
        ("provider code",),
        "hall-010201",
        "hall-010201",
    ),
    _COMMUNE,
    Column("period", "រយៈពេល", read_period, True, ("half-year", "year"), "2026-H2", "២០២៦-H2"),
    _PROGRAMME,
    Column("facilitators", "អ្នកសម្របសម្រួល", read_people, also=("facilitator",)),
    _day("informed_on", "ថ្ងៃផ្តល់ព័ត៌មាន"),
    _day("monitored_on", "ថ្ងៃតាមដានសេវា"),
    _day("self_assessed_on", "ថ្ងៃវាយតម្លៃខ្លួនឯង"),
    _day("met_on", "ថ្ងៃប្រជុំសហគមន៍", "2026-09-14", "១៤/០៩/២០២៦"),
    _day("agreed_on", "ថ្ងៃព្រមព្រៀងផែនការ"),
    _day("followed_up_on", "ថ្ងៃតាមដានផែនការ"),
    _day("closed_on", "ថ្ងៃបិទជុំ"),
)

_GROUPS = {
    "people": "ចំនួនអ្នកចូលរួម",
    "women": "ស្រី",
    "men": "ប្រុស",
    "other_sex": "ភេទផ្សេង",
    "children": "ក្រោម ១៥ ឆ្នាំ",
    "youth": "១៥ ដល់ ៣០ ឆ្នាំ",
    "adults": "៣១ ដល់ ៥៩ ឆ្នាំ",
    "elders": "៦០ ឆ្នាំឡើង",
    "poor_card": "មានប័ណ្ណសមធម៌",
    "disability": "មានពិការភាព",
    "minority": "ជនជាតិដើមភាគតិច",
}


def _people(name: str, khmer: str, example: str, khmer_example: str) -> Column:
    """Return a column of how many came; only the total is needed, and only it has an example."""
    if name != "people":
        return Column(name, khmer, values.read_number)
    return Column(name, khmer, values.read_number, True, (), example, khmer_example)


SESSIONS = (
    Column("session_id", "លេខវគ្គ", values.read_name, True, ("id",), "SESSION-1", "វគ្គ-១"),
    Column("kind", "ប្រភេទ", read_kind, True, (), "information", "ការផ្តល់ព័ត៌មាន"),
    _COMMUNE,
    Column("place_note", "ទីកន្លែង", values.read_text, also=("place",)),
    Column("held_on", "ថ្ងៃ", values.read_day, True, ("date", "day"), "2026-03-02", "០២/០៣/២០២៦"),
    Column("topic", "ប្រធានបទ", values.read_text, True, (), "Prices of services", "តម្លៃសេវា"),
    Column("trainer", "អ្នកដឹកនាំ", values.read_text, True, ("led by",), "caf.dara", "caf.dara"),
    *(_people(name, khmer, "24", "២៤") for name, khmer in _GROUPS.items()),
    Column(
        "handouts",
        "សម្ភារៈចែក",
        read_handouts,
        also=("materials",),
        example="poster: 20",
        example_khmer="ផ្ទាំងព័ត៌មាន: ២០",
    ),
    Column("trained", "អ្នកបានរៀនបង្រៀនបន្ត", read_names, also=("trained to repeat it",)),
    Column("follows", "តាមវគ្គលេខ", values.read_name, also=("follows session",)),
    _PROGRAMME,
)
assert set(_GROUPS) == set(COUNTS)

PAST_SCORES = (
    *ROUNDS[:2],
    Column("period", "រយៈពេល", read_period, True, ("half-year", "year"), "2019-H1", "២០១៩-H1"),
    _PROGRAMME,
    Column("kind", "ប្រភេទកិច្ចប្រជុំ", values.read_meeting_kind, also=("meeting",)),
    Column("held_on", "ថ្ងៃប្រជុំ", values.read_day, True, ("date",), "2019-03-04", "០៤/០៣/២០១៩"),
    Column(
        "indicator", "សូចនាករ", values.read_indicator, False, ("indicator code",), "CA-P1", "CA-P1"
    ),
    Column("criterion", "លក្ខណៈវិនិច្ឆ័យរបស់ភូមិ", values.read_text, also=("own criterion",)),
    *(
        Column(
            f"votes_{score}",
            f"ចំនួនពិន្ទុ {digit}",
            values.read_number,
            also=(f"score {score}",),
            example=str(votes),
            example_khmer=str(votes),
        )
        for score, digit, votes in zip(range(1, 6), "១២៣៤៥", (2, 4, 9, 12, 3), strict=True)
    ),
    *(_people(name, khmer, "34", "៣៤") for name, khmer in _GROUPS.items()),
    Column("strengths", "ចំណុចខ្លាំង", read_notes, also=("strength",)),
    Column("weaknesses", "ចំណុចខ្សោយ", read_notes, also=("weakness",)),
    Column("suggestions", "សំណូមពរ", read_notes, also=("suggestion",)),
)


def record_round_rows(
    *,
    batch: ImportBatch,
    reported: Sequence[PlannedRound],
    register: Register,
    mandate: Mandate,
    today: date | None = None,
) -> list[RowResult]:
    """Plan the rounds of a chunk of rows; a bad row never stops the others."""
    own = Mandate(batch.by, "rounds.plan")

    def record(one: PlannedRound) -> Outcome:
        _round, outcome = plan_round(
            by=batch.by, planned=one, register=register, mandate=own, job="import"
        )
        return outcome

    return [_row(record, one, "period") for one in reported]


def record_session_rows(
    *,
    batch: ImportBatch,
    reported: Sequence[ReportedSession],
    register: Register,
    mandate: Mandate,
    today: date | None = None,
) -> list[RowResult]:
    """Record the sessions of a chunk of rows; a bad row never stops the others."""

    def record(one: ReportedSession) -> Outcome:
        one.channel = "import"
        return record_session(by=batch.by, reported=one, register=register, job="import").outcome

    return [_row(record, one, "session_id") for one in reported]


def record_past_rows(
    *,
    batch: ImportBatch,
    reported: Sequence[PastScore],
    register: Register,
    mandate: Mandate,
    today: date | None = None,
) -> list[RowResult]:
    """Record the past scorecards of a chunk of rows; a bad row never stops the others."""
    own = Mandate(batch.by, "rounds.plan")

    def record(one: PastScore) -> Outcome:
        return record_past_score(by=batch.by, reported=one, register=register, mandate=own)

    return [_row(record, one, "held_on") for one in reported]


def _row(record: Callable[[Any], Outcome], one: Any, name: str) -> RowResult:
    """Record one row and report what is wrong with it by column."""
    problems = Problems()
    try:
        outcome = record(one)
    except PermissionDenied as error:
        problems.say("commune", str(error))
        return RowResult(Outcome.REJECTED, problems)
    except ValidationError as error:
        messages = error.message_dict if hasattr(error, "error_dict") else {"row": error.messages}
        for column, sentences in messages.items():
            for sentence in sentences:
                problems.say("row" if column == "__all__" else column, sentence)
        return RowResult(Outcome.REJECTED, problems)
    if outcome == Outcome.CONFLICT:
        problems.say(
            name,
            _("Already recorded with another content. Nothing was changed; correct it there."),
        )
    return RowResult(outcome, problems)
