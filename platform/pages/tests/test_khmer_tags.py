"""Numbers, money, days and names in the reader's language."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils.translation import override

PLACE = SimpleNamespace(name_km="បានទាយ", name_latin="Banteay")
ROLE = SimpleNamespace(name_km="តួនាទី", name_en="Role", about_km="", about_en="about")


def render(expression: str, value: object, language: str) -> str:
    with override(language):
        template = Template("{% load khmer %}{{ value|" + expression + " }}")
        return template.render(Context({"value": value}))


@pytest.mark.parametrize(
    ("expression", "value", "khmer", "english"),
    [
        ("digits", "010201", "០១០២០១", "010201"),
        ("digits", 7, "៧", "7"),
        ("number", 1234567, "១.២៣៤.៥៦៧", "1,234,567"),
        ("riel", 10000, "១០.០០០\u00a0៛", "10,000\u00a0riel"),
        ("riel", 0, "០\u00a0៛", "0\u00a0riel"),
        ("percent", 0.818, "៨២%", "82%"),
        ("percent:1", 0.8181, "៨១,៨%", "81.8%"),
        ("day", date(2026, 3, 1), "០១/០៣/២០២៦", "01/03/2026"),
        # 18:30 in UTC is the next day in Phnom Penh
        ("day", datetime(2026, 2, 28, 18, 30, tzinfo=UTC), "០១/០៣/២០២៦", "01/03/2026"),
        (
            "moment",
            datetime(2026, 2, 28, 18, 30, tzinfo=UTC),
            "០១/០៣/២០២៦ ០១:៣០",
            "01/03/2026 01:30",
        ),
        ("day_words", date(2026, 3, 1), "ថ្ងៃទី១ ខែមីនា ឆ្នាំ២០២៦", "1 March 2026"),
        ("period", "2026-Q1", "ត្រីមាសទី១ ឆ្នាំ២០២៦", "Quarter 1, 2026"),
        ("in_language", PLACE, "បានទាយ", "Banteay"),
        ("in_language", ROLE, "តួនាទី", "Role"),
        ('in_language:"about"', ROLE, "about", "about"),
    ],
)
def test_each_language_writes_it_its_own_way(
    expression: str, value: object, khmer: str, english: str
) -> None:
    assert render(expression, value, "km") == khmer
    assert render(expression, value, "en") == english


@pytest.mark.parametrize(
    "expression", ["digits", "number", "riel", "percent", "day", "moment", "day_words", "period"]
)
def test_what_is_not_known_is_left_empty(expression: str) -> None:
    assert render(expression, None, "km") == ""


def test_values_are_escaped() -> None:
    assert render("digits", "<b>1</b>", "en") == "&lt;b&gt;1&lt;/b&gt;"
