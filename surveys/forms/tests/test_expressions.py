"""ODK's XPath as forms write it, evaluated on the server."""

from datetime import datetime

import pytest
from lxml import etree

from surveys.forms.expressions import (
    Evaluation,
    ExpressionError,
    check_expression,
    unknown_functions,
)
from surveys.forms.xpath_values import PHNOM_PENH

RECORD = etree.fromstring(
    """<data><age>31</age><empty/><asked>2026-11-03</asked><later>2026-11-20</later>
    <chosen>a b c</chosen><voter><score>4</score></voter><voter><score>2</score></voter>
    <commune>010201</commune><phone>012345678</phone></data>"""
)
LIST = etree.fromstring(
    "<instance><root><item><name>x</name><commune>010201</commune></item>"
    "<item><name>y</name><commune>020202</commune></item></root></instance>"
)


@pytest.fixture
def record() -> Evaluation:
    return Evaluation(
        RECORD,
        instances={"offices": LIST},
        names={("/data/chosen", "a"): "Apple"},
        now=datetime(2026, 11, 21, 9, 30, tzinfo=PHNOM_PENH),
    )


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("/data/age > 30", "true"),
        ("/data/age + 1", "32"),
        ("/data/empty > 5", "false"),
        ("/data/empty = ''", "true"),
        ("/data/asked <= today()", "true"),
        ("/data/later > today()", "false"),
        ("/data/later - /data/asked", "17"),
        ("/data/asked >= today() - 30", "true"),
        ("/data/asked >= today() - 3", "false"),
        ("date(/data/asked + 7)", "2026-11-10"),
        ("format-date(/data/asked, '%d/%m/%Y')", "03/11/2026"),
        ("format-date(today(), '%e-%n')", "21-11"),
        ("selected(/data/chosen, 'b')", "true"),
        ("selected(/data/chosen, 'd')", "false"),
        ("count-selected(/data/chosen)", "3"),
        ("selected-at(/data/chosen, 1)", "b"),
        ("coalesce(/data/empty, /data/age)", "31"),
        ("if(/data/age >= 18, 'adult', 'child')", "adult"),
        ("if(selected(/data/chosen, 'a') and not(/data/empty != ''), 1, 2)", "1"),
        ("regex(/data/phone, '0[0-9]{8,9}')", "true"),
        ("regex(/data/phone, '[0-9]{3}')", "false"),
        ("int(7 div 2)", "3"),
        ("round(2.345, 2)", "2.35"),
        ("sum(/data/voter/score)", "6"),
        ("max(/data/voter/score)", "4"),
        ("count(/data/voter)", "2"),
        ("count(/data/voter[score > 3])", "1"),
        ("join('-', /data/voter/score)", "4-2"),
        ("indexed-repeat(/data/voter/score, /data/voter, 2)", "2"),
        ("concat('a', /data/age, 'b')", "a31b"),
        ("string-length(/data/commune)", "6"),
        ("substr(/data/commune, 0, 2)", "01"),
        ("substring(/data/commune, 1, 4)", "0102"),
        ("instance('offices')/root/item[commune = /data/commune]/name", "x"),
        ("count(instance('offices')/root/item)", "2"),
        ("jr:choice-name('a', '/data/chosen')", "Apple"),
        ("7 mod 3", "1"),
        ("-/data/age", "-31"),
        ("1 div 0", "Infinity"),
        ("number('x')", "NaN"),
        ("once('new')", "010201"),
        ("/data/age=31 or false()", "true"),
        ("checklist(1, 2, /data/age = 31, false())", "true"),
        ("count-non-empty(/data/empty | /data/age)", "1"),
        ("position(/data/voter[2])", "2"),
    ],
)
def test_an_expression_gives_what_collect_gives(record, expression, expected):
    assert record.text(expression, RECORD.find("commune")) == expected


def test_a_relative_path_starts_at_its_node(record):
    second = RECORD.findall("voter")[1].find("score")
    assert record.text("../../age", second) == "31"
    assert record.truth(". < 3", second)
    assert record.text("position(..)", second) == "2"


def test_an_expression_that_cannot_be_read_says_so():
    with pytest.raises(ExpressionError):
        check_expression("1 + (")


def test_functions_outside_the_subset_are_named():
    assert unknown_functions("pulldata('x','a','b',1) + area(/data/x) + int(2)") == [
        "area",
        "pulldata",
    ]
    assert unknown_functions("'pulldata(' = /data/x and (1 + 2)") == []
