"""The columns of the official form, and of the template for past plans: one definition.

The spreadsheet out, the spreadsheet in, the national tool's grid and the printed form all read it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from typing import Final

from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext as _

from khmer.text import fold
from parsing.errors import UnreadableValue
from parsing.values import read_decimal, shortened
from scorecards.plans.models.actions import MOST_PEOPLE, MOST_RIEL
from scorecards.plans.models.vocabulary import (
    ActionLevel,
    Money,
    Part,
    Proposer,
    State,
)
from surveys.importing.columns import Column
from surveys.parsing import values

MOST_QUANTITY = Decimal(10**11)
LANGUAGES: Final = ("km", "en")


@dataclass(frozen=True)
class ChoiceReader:
    """Reads one of some choices, written as its code or as its label in either language."""

    choices: type[TextChoices]
    also: tuple[tuple[str, str], ...] = ()

    def __call__(self, text: str) -> str:
        """Return the code of the choice.

        Raises UnreadableValue with the words that are understood.
        """
        codes = _codes_by_word(self.choices, self.also)
        code = codes.get(fold(values.read_text(text)))
        if code is None:
            words = [str(choice.label) for choice in self.choices]
            raise UnreadableValue(
                _("“%(text)s” is none of: %(words)s.")
                % {"text": shortened(text), "words": ", ".join(words)}
            )
        return code


@lru_cache
def _codes_by_word(choices: type[TextChoices], also: tuple[tuple[str, str], ...]) -> dict[str, str]:
    codes = {fold(word): code for word, code in also}
    for code in choices.values:
        codes[fold(code)] = code
        for language in LANGUAGES:
            with translation.override(language):
                codes[fold(str(choices(code).label))] = code
    return codes


def read_quantity(text: str) -> Decimal:
    """Read a quantity of two decimals at most."""
    decimal = read_decimal(text, least=Decimal(0), most=MOST_QUANTITY)
    if decimal != decimal.quantize(Decimal("0.01")):
        raise UnreadableValue(
            _("At most two digits after the point: “%(text)s”.") % {"text": shortened(text)}
        )
    return decimal


def read_riel(text: str) -> int:
    """Read an amount in riel that is plausible for a plan."""
    amount = values.read_amount(text)
    if amount > MOST_RIEL:
        raise UnreadableValue(_("This amount is too large: “%(text)s”.") % {"text": text[:40]})
    return amount


def read_people(text: str) -> int:
    """Read a number of people that is plausible for a commune or province."""
    number = values.read_number(text)
    if number > MOST_PEOPLE:
        raise UnreadableValue(_("This number is too large: “%(text)s”.") % {"text": text[:40]})
    return number


def limited(most: int) -> Callable[[str], str]:
    """Return a reader of text of at most ``most`` characters."""
    return partial(_read_limited, most=most)


def _read_limited(text: str, *, most: int) -> str:
    note = values.read_note(text)
    if len(note) > most:
        raise UnreadableValue(_("Longer than %(limit)s characters.") % {"limit": most})
    return note


read_part = ChoiceReader(Part, (("ក", "outside"), ("ខ", "internal"), ("a", "outside")))
read_proposer = ChoiceReader(Proposer, (("citizens", "community"), ("ប្រជាពលរដ្ឋ", "community")))
read_level = ChoiceReader(ActionLevel)
read_money = ChoiceReader(Money)
read_state = ChoiceReader(State)

ACTIONS: Final = (
    Column("number", "ល.រ", values.read_number, also=("no", "no."), example="1", example_khmer="១"),
    Column("part", "ផ្នែក", read_part, example="internal", example_khmer="ខ"),
    Column(
        "activity",
        "សកម្មភាពអាទិភាពដែលបានព្រមព្រៀង",
        limited(500),
        True,
        ("agreed priority activity", "priority activity", "សកម្មភាពអាទិភាព", "សកម្មភាព"),
        "Clean the waiting room every day",
        "សម្អាតបន្ទប់រង់ចាំរាល់ថ្ងៃ",
    ),
    Column("proposed_by", "អ្នកស្នើ", read_proposer, also=("proposer", "proposed by")),
    Column("target", "ឆ្លើយតបនឹងគោលដៅ", limited(300), also=("target response", "គោលដៅ")),
    Column("location", "ទីកន្លែង", limited(200), also=("place",)),
    Column(
        "result_quantity",
        "លទ្ធផលរំពឹងទុក៖ បរិមាណ",
        read_quantity,
        also=("quantity", "បរិមាណ"),
        example="2",
        example_khmer="២",
    ),
    Column("result_unit", "លទ្ធផលរំពឹងទុក៖ ឯកតា", limited(80), also=("unit", "ឯកតា")),
    Column(
        "starts_on",
        "ថ្ងៃចាប់ផ្ដើម",
        values.read_day,
        True,
        ("start", "start date", "ចាប់ផ្ដើម"),
        "2026-01-05",
        "០៥/០១/២០២៦",
    ),
    Column(
        "due_on",
        "ថ្ងៃបញ្ចប់",
        values.read_day,
        True,
        ("end", "end date", "ends on", "បញ្ចប់"),
        "2026-06-30",
        "៣០/០៦/២០២៦",
    ),
    Column("beneficiaries", "អ្នកទទួលផលសរុប", read_people, also=("beneficiary total", "សរុប")),
    Column(
        "beneficiaries_women",
        "អ្នកទទួលផលជាស្រី",
        read_people,
        also=("beneficiary female", "women", "ស្រី"),
    ),
    Column(
        "cost_riel",
        "ថវិកាប៉ាន់ស្មាន (រៀល)",
        read_riel,
        also=("estimated cost", "cost", "ថវិកា", "ថវិកាប៉ាន់ស្មាន"),
    ),
    Column(
        "office",
        "អ្នកទទួលខុសត្រូវ",
        limited(200),
        also=("led by", "implementer", "responsible", "អ្នកអនុវត្ត"),
        example="Head of the health centre",
        example_khmer="ប្រធានមណ្ឌលសុខភាព",
    ),
    Column("helpers", "អ្នកចូលរួម", limited(300), also=("helped by",)),
    Column("level", "កម្រិតសម្រេច", read_level, also=("decided at",)),
    Column("money", "ប្រភពថវិកា", read_money, also=("money from",)),
    Column("money_reference", "លេខយោងកម្មវិធីវិនិយោគ", limited(80), also=("reference",)),
    Column("provider", "លេខកូដអ្នកផ្តល់សេវា", values.read_code, also=("provider code",)),
    Column("indicator", "លេខកូដលក្ខណៈវិនិច្ឆ័យ", values.read_indicator, also=("criterion",)),
    Column("service", "លេខកូដសេវា", values.read_code, also=("service code",)),
    Column("heard", "អ្វីដែលប្រជុំបានលើកឡើង", limited(500), also=("what the meeting said",)),
    Column("id", "លេខសម្គាល់", values.read_code, also=("uuid",)),
)
"""The official columns in their order, then what the form leaves out; ``id`` identifies a row."""

PAST: Final = (
    Column(
        "commune",
        "លេខកូដឃុំ",
        values.read_commune,
        True,
        ("commune code", "ឃុំ", "ឃុំ/សង្កាត់"),
        "010201",
        "០១០២០១",
    ),
    Column("plan_starts_on", "ផែនការចាប់ពី", values.read_day, True, ("plan from",), "2025-01-01"),
    Column("plan_ends_on", "ផែនការដល់", values.read_day, True, ("plan to",), "2025-12-31"),
    Column("agreed_on", "ថ្ងៃព្រមព្រៀង", values.read_day, True, ("agreed",), "2025-01-20"),
    *(column for column in ACTIONS if column.name != "id"),
    Column("state", "ស្ថានភាព", read_state, example="said_done", example_khmer="រាយការណ៍ថារួច"),
    Column("done_on", "ថ្ងៃរួច", values.read_day, also=("done", "said done on")),
    Column("first_due_on", "ថ្ងៃសន្យាដំបូង", values.read_day, also=("first promised day",)),
    Column("blocked_by", "ឧបសគ្គ", limited(200), also=("blocked", "reason")),
)
"""One row per action of a plan that was agreed elsewhere, with how far it came."""
