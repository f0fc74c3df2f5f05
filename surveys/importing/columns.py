"""The columns of each kind of spreadsheet: their headers in English and Khmer, and their readers.

``docs/cases.md`` prints these tables for people; a test holds the two together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from khmer.text import fold
from surveys.parsing import values

Reader = Callable[[str], Any]


@dataclass(frozen=True)
class Column:
    """One column: its name, other headers for it, how its cells are read."""

    name: str
    khmer: str
    read: Reader
    required: bool = False
    also: tuple[str, ...] = ()
    example: str = ""
    example_khmer: str = ""
    part: str = ""


PROBLEM_HEADERS = frozenset({"problem", "problems", "បញ្ហា"})
"""The column that we add to rejected rows; it is ignored when they are sent again."""

CASES = (
    Column("case_id", "លេខសំណើ", values.read_name, True, ("id", "លេខករណី"), "DEMO-1", "ក-១"),
    Column(
        "commune",
        "ឃុំ",
        values.read_commune,
        True,
        ("commune code", "លេខកូដឃុំ", "ឃុំ សង្កាត់", "ឃុំ/សង្កាត់", "សង្កាត់"),
        "010201",
        "០១០២០១",
    ),
    Column("provider", "អ្នកផ្តល់សេវា", values.read_code, also=("លេខកូដអ្នកផ្តល់សេវា",)),
    Column(
        "service",
        "សេវា",
        values.read_code,
        True,
        ("service code", "សេវាសាធារណៈ"),
        "birth-registration",
        "birth-registration",
    ),
    Column("option", "ជម្រើស", values.read_code, example="standard", example_khmer="standard"),
    Column(
        "asked_on", "ថ្ងៃដាក់សំណើ", values.read_day, True, ("date asked",), "2026-03-02", "០២/០៣/២០២៦"
    ),
    Column(
        "received_on",
        "ថ្ងៃទទួលបាន",
        values.read_day,
        also=("date received",),
        example="2026-03-09",
        example_khmer="០៩/០៣/២០២៦",
    ),
    Column("status", "ស្ថានភាព", values.read_status, True, (), "received", "បានទទួល"),
    Column(
        "fee_paid",
        "តម្លៃដែលបានបង់",
        values.read_amount,
        also=("fee", "តម្លៃ", "ប្រាក់បានបង់"),
        example="5,000",
        example_khmer="៥.០០០",
    ),
    Column("currency", "រូបិយប័ណ្ណ", values.read_currency, example="KHR", example_khmer="រៀល"),
    Column(
        "documents_asked",
        "ឯកសារដែលបានទាមទារ",
        values.read_papers,
        also=("documents", "ឯកសារ"),
        example="family book; letter from the hospital",
        example_khmer="សៀវភៅគ្រួសារ",
    ),
    Column(
        "visits",
        "ចំនួនដងដែលទៅ",
        values.read_number,
        also=("ចំនួនដង",),
        example="2",
        example_khmer="២",
    ),
    Column("receipt", "បង្កាន់ដៃ", values.read_yes_no, example="yes", example_khmer="បាទ"),
    Column("channel", "មធ្យោបាយ", values.read_text),
    Column("facilitator", "អ្នកសម្របសម្រួល", values.read_text),
    Column("sex", "ភេទ", values.read_sex, also=("gender",), example="female", example_khmer="ស្រី"),
    Column("age", "អាយុ", values.read_number, example="34", example_khmer="៣៤"),
    Column(
        "poor_card",
        "ប័ណ្ណសមធម៌",
        values.read_yes_no,
        also=("idpoor", "ប័ណ្ណក្រីក្រ"),
        example="no",
        example_khmer="ទេ",
    ),
    Column("disability", "ពិការភាព", values.read_yes_no, also=("ជនមានពិការភាព",)),
    Column("minority", "ជនជាតិដើមភាគតិច", values.read_yes_no, also=("ជនជាតិភាគតិច",)),
    Column("note", "កំណត់សម្គាល់", values.read_note, also=("notes", "ចំណាំ")),
    Column("units", "ចំនួនច្បាប់", values.read_number, also=("copies", "sheets")),
    Column("staffed", "មានមន្ត្រីពេលទៅដល់", values.read_yes_no),
    Column("medicine_given", "បានថ្នាំគ្រប់", values.read_yes_no),
    Column("lesson_days_lost", "ថ្ងៃគ្មានគ្រូ", values.read_number),
    Column("plan_shown", "បានបង្ហាញផែនការ", values.read_yes_no),
    Column("programme", "កម្មវិធី", values.read_code, also=("program",)),
)

_PLACE = (
    Column(
        "commune",
        "ឃុំ",
        values.read_commune,
        True,
        ("commune code", "លេខកូដឃុំ", "ឃុំ សង្កាត់", "ឃុំ/សង្កាត់", "សង្កាត់"),
        "010201",
        "០១០២០១",
        part="meeting",
    ),
    Column("provider", "អ្នកផ្តល់សេវា", values.read_code, part="meeting"),
    Column(
        "provider_kind",
        "ប្រភេទអ្នកផ្តល់សេវា",
        values.read_code,
        example="commune",
        example_khmer="commune",
        part="meeting",
    ),
    Column("facilitator", "អ្នកសម្របសម្រួល", values.read_text, part="meeting"),
    Column("channel", "មធ្យោបាយ", values.read_text, part="meeting"),
    Column("programme", "កម្មវិធី", values.read_code, part="meeting"),
)

CHECKS = (
    Column("check_id", "លេខពិនិត្យ", values.read_name, True, ("id",), "CHECK-1", "ព-១"),
    Column(
        "indicator", "សូចនាករ", values.read_indicator, True, ("indicator code",), "CA-I1", "CA-I1"
    ),
    Column("seen_on", "ថ្ងៃពិនិត្យ", values.read_day, True, ("date",), "2026-03-02", "០២/០៣/២០២៦"),
    Column("present", "មាន", values.read_yes_no, True, ("seen",), "yes", "បាទ"),
    *_PLACE,
)

VOTES = (
    Column("vote_id", "លេខពិន្ទុ", values.read_name, True, ("id",), "VOTE-1", "ព-១"),
    Column(
        "meeting_id",
        "លេខកិច្ចប្រជុំ",
        values.read_name,
        True,
        example="MEETING-1",
        example_khmer="ប្រជុំ-១",
        part="meeting",
    ),
    Column(
        "kind",
        "ប្រភេទកិច្ចប្រជុំ",
        values.read_meeting_kind,
        True,
        example="community",
        example_khmer="សហគមន៍",
        part="meeting",
    ),
    Column(
        "held_on",
        "ថ្ងៃប្រជុំ",
        values.read_day,
        True,
        ("date",),
        "2026-03-02",
        "០២/០៣/២០២៦",
        part="meeting",
    ),
    Column(
        "indicator", "សូចនាករ", values.read_indicator, True, ("indicator code",), "CA-P1", "CA-P1"
    ),
    Column("score", "ពិន្ទុ", values.read_number, True, (), "4", "៤"),
    Column("sex", "ភេទ", values.read_sex, also=("gender",), example="female", example_khmer="ស្រី"),
    Column("youth", "យុវជន", values.read_yes_no, example="no", example_khmer="ទេ"),
    Column("poor_card", "ប័ណ្ណសមធម៌", values.read_yes_no, also=("idpoor", "ប័ណ្ណក្រីក្រ")),
    Column("disability", "ពិការភាព", values.read_yes_no, also=("ជនមានពិការភាព",)),
    Column("minority", "ជនជាតិដើមភាគតិច", values.read_yes_no, also=("ជនជាតិភាគតិច",)),
    *_PLACE,
)

OF_KIND: dict[str, tuple[Column, ...]] = {"cases": CASES, "checks": CHECKS, "votes": VOTES}


def header_key(header: str) -> str:
    """Return a header as it is compared.

    It is caseless, without blanks, underscores and invisible breaks.
    """
    return fold(header).replace("_", "").replace("-", "").replace(" ", "")


def by_header(columns: tuple[Column, ...]) -> dict[str, Column]:
    """Return every way to write a header, and the column it means."""
    return {
        header_key(sentence): column
        for column in columns
        for sentence in (column.name, column.khmer, *column.also)
    }
