"""Forms that are refused, for ODK Collect alone, or fit for the tablet: each problem has its cell."""

from pathlib import Path

import pytest

from surveys.forms.engine import engine
from surveys.forms.problems import FormProblems
from surveys.forms.publishing import prepare

pytestmark = pytest.mark.django_db
CASES = Path(__file__).resolve().parents[2] / "tests" / "cases" / "forms"
LIST = """
| choices |
| | list_name | name | label | up |
| | yn | yes | Yes | a |
| | yn | no | No | b |
"""


def form(header, *rows, settings=""):
    lines = "\n".join(f"| | {row} |" for row in (header, *rows))
    return f"| survey |\n{lines}\n{LIST}\n{settings}".encode()


def refused(content):
    with pytest.raises(FormProblems) as caught:
        prepare(content, "md")
    return [problem.where for problem in caught.value.problems]


def test_an_unclosed_bracket_and_a_cycle_are_refused_with_their_cells():
    assert refused((CASES / "x1-unclosed-paren.md").read_bytes()) == ["survey!E3"]
    (cell,) = refused((CASES / "x2-cycle.md").read_bytes())
    assert cell in {"survey!E3", "survey!E4"}


WRONG = "selected(${a}, 'yes'"


@pytest.mark.parametrize(
    ("header", "row", "cell"),
    [
        ("type | name | label | relevance", f"text | b | B | {WRONG}", "E3"),
        ("type | name | label | constraint", "text | b | B | . > (3", "E3"),
        ("type | name | label | calculation", f"calculate | b | | {WRONG}", "E3"),
        ("type | name | label | required", f"text | b | B | {WRONG}", "E3"),
        ("type | name | label | default", "text | b | B | concat(now(), 'x'", "E3"),
        ("type | name | label | choice_filter", "select_one yn | b | B | up = (${a}", "E3"),
        ("type | name | label | trigger | calculation", "text | b | B | ${a} | 1 +", "F3"),
        ("type | name | label | relevant", "text | b | B | ${a} = 'yes", "E3"),
        ("type | name | label | relevant", "text | b | B | ${a} = = 1", "E3"),
        ("type | name | label | relevant", "text | b | B | (${a} = 1))", "E3"),
    ],
)
def test_expressions_that_cannot_be_parsed_are_refused_in_every_column(header, row, cell):
    blank = " | ".join([""] * (header.count("|") - 2))
    assert refused(form(header, f"select_one yn | a | A | {blank}", row)) == [f"survey!{cell}"]


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("type | name | label | relevant", ["text | a | A | ${b} = 1", "text | b | B | ${a} = 1"]),
        (
            "type | name | label | calculation",
            ["calculate | a | | ${c} + 1", "calculate | b | | ${a} + 1", "calculate | c | | ${b}"],
        ),
        (
            "type | name | label | relevant",
            ["begin_group | g | G | ${a} = 1", "integer | a | A |", "end_group | | |"],
        ),
    ],
)
def test_rules_that_depend_on_themselves_are_refused(header, rows):
    assert all(where.startswith("survey!") for where in refused(form(header, *rows)))


@pytest.mark.parametrize(
    ("header", "row", "where"),
    [
        ("type | name | label | relevant", "text | b | B | no-such-function(${a})", "survey!E3"),
        ("type | name | label", "barcode | b | B", "survey!B3"),
        ("type | name | label", "rank yn | b | B", "survey!B3"),
        ("type | name | label | parameters", "range | b | B | start=1 end=5 step=1", "survey!B3"),
        ("type | name | label", "geotrace | b | B", "survey!B3"),
        ("type | name | label", "video | b | B", "survey!B3"),
        ("type | name | label", "time | b | B", "survey!B3"),
        ("type | name | label", "select_one_from_file own.csv | b | B", "survey!B3"),
        ("type | name | label | appearance", "text | b | B | printer", "survey!E3"),
        (
            "type | name | label::English (en) | label::Khmer (km)",
            "text | b | B | ${a} no-such",
            None,
        ),
        ("type | name | label | constraint", "text | b | B | regex(., '(a)\\1')", "survey!E3"),
        (
            "type | name | label | calculation",
            "calculate | b | | pulldata('x', 'y', 'z', ${a})",
            "survey!E3",
        ),
    ],
)
def test_what_only_collect_can_do_is_named_by_cell(header, row, where):
    blank = " | ".join([""] * (header.count("|") - 2))
    prepared = prepare(form(header, f"integer | a | A | {blank}", row), "md")
    if where is None:
        assert prepared.outside == []
    else:
        assert where in {problem.where for problem in prepared.outside}


def test_the_language_of_a_label_names_its_own_column():
    header = "type | name | label::English (en) | label::Khmer (km)"
    wrong = "note | b | Two ${a} | ${a} ពីរ"
    content = form(header, "integer | a | A | ក", wrong)
    assert prepare(content, "md").outside == []


FEATURES = [
    ("type | name | label | relevant", ["integer | a | A |", "text | b | B | ${a} > 3"]),
    ("type | name | label | constraint", ["integer | a | A | . > 3 and . < 10"]),
    (
        "type | name | label | calculation",
        ["text | a | A |", "calculate | b | | concat(${a}, 'x')"],
    ),
    (
        "type | name | label | calculation",
        ["date | a | A |", "calculate | b | | format-date(${a}, '%d/%m/%Y')"],
    ),
    ("type | name | label | default", ["date | a | A | today()", "text | b | B | word"]),
    (
        "type | name | label | choice_filter",
        ["select_one yn | a | A |", "select_multiple yn | b | B | up = ${a}"],
    ),
    (
        "type | name | label | calculation",
        ["select_one yn | a | A |", "calculate | b | | jr:choice-name(${a}, '${a}')"],
    ),
    (
        "type | name | label | calculation",
        [
            "select_multiple yn | a | A |",
            "calculate | b | | jr:choice-name(selected-at(${a}, 0), '${a}')",
        ],
    ),
    (
        "type | name | label | calculation",
        ["select_one yn | a | A |", "calculate | b | | instance('yn')/root/item[name = ${a}]/up"],
    ),
    (
        "type | name | label | repeat_count",
        ["integer | n | N |", "begin_repeat | r | R | ${n}", "text | a | A |", "end_repeat | | |"],
    ),
    (
        "type | name | label | repeat_count",
        ["begin_repeat | r | R | 3", "text | a | A |", "end_repeat | | |"],
    ),
    (
        "type | name | label | calculation",
        [
            "begin_repeat | r | R |",
            "integer | a | A |",
            "calculate | p | | position(..)",
            "end_repeat | | |",
            "calculate | s | | sum(${a})",
        ],
    ),
    (
        "type | name | label | calculation",
        [
            "begin_repeat | r | R |",
            "integer | a | A |",
            "end_repeat | | |",
            "calculate | s | | indexed-repeat(${a}, ${r}, 1)",
        ],
    ),
    (
        "type | name | label | calculation",
        [
            "begin_repeat | r | R |",
            "integer | a | A |",
            "begin_repeat | q | Q |",
            "integer | c | C |",
            "end_repeat | | |",
            "calculate | s | | sum(${c})",
            "end_repeat | | |",
        ],
    ),
    (
        "type | name | label | calculation",
        ["geopoint | a | A |", "geopoint | b | B |", "calculate | d | | distance(${a})"],
    ),
    (
        "type | name | label | calculation",
        ["calculate | a | | once(uuid())", "calculate | b | | once(random())"],
    ),
    (
        "type | name | label | trigger | calculation",
        ["text | a | A | |", "text | b | B | ${a} | now()"],
    ),
    ("type | name | label | constraint", ["text | a | A | regex(., '^[0-9]{9,10}$')"]),
    (
        "type | name | label | calculation",
        [
            "text | a | A |",
            "calculate | b | | if(string-length(${a}) > 2, substr(${a}, 0, 2), ${a})",
        ],
    ),
    (
        "type | name | label | calculation",
        ["date | a | A |", "calculate | b | | int((today() - ${a}) div 365.25)"],
    ),
    ("type | name | label | required", ["text | a | A | yes", "text | b | B | ${a} = 'x'"]),
    ("type | name | label | read_only", ["text | a | A | yes"]),
    (
        "type | name | label | appearance",
        [
            "begin_group | g | G | field-list",
            "text | a | A |",
            "select_one yn | b | B | minimal",
            "end_group | | |",
        ],
    ),
    (
        "type | name | label | parameters",
        [
            "select_one yn | a | A | randomize=true",
            "select_one yn | b | B | randomize=true, seed=3",
        ],
    ),
    (
        "type | name | label | calculation",
        [
            "integer | a | A |",
            "calculate | b | | round(${a} div 3, 2)",
            "calculate | c | | pow(${a}, 2)",
        ],
    ),
    (
        "type | name | label | calculation",
        [
            "select_multiple yn | a | A |",
            "calculate | b | | count-selected(${a})",
            "calculate | c | | selected(${a}, 'yes')",
        ],
    ),
    (
        "type | name | label | calculation",
        [
            "integer | a | A |",
            "integer | b | B |",
            "calculate | c | | coalesce(${a}, ${b})",
            "calculate | d | | max(${a}, ${b})",
        ],
    ),
    (
        "type | name | label | hint",
        ["integer | a | A | Twice", "note | n | You said ${a} | and ${a}"],
    ),
    (
        "type | name | label",
        [
            "start | start |",
            "end | end |",
            "today | today |",
            "username | username |",
            "deviceid | deviceid |",
            "text | a | A",
        ],
    ),
    (
        "type | name | label",
        ["image | a | A", "audio | b | B", "acknowledge | c | C", "geopoint | d | D"],
    ),
    (
        "type | name | label | constraint | constraint_message",
        ["integer | a | A | . > 0 | Not ${a}"],
    ),
    (
        "type | name | label | relevant",
        [
            "integer | a | A |",
            "begin_repeat | r | R | ${a} > 1",
            "text | b | B |",
            "end_repeat | | |",
        ],
    ),
    (
        "type | name | label | calculation",
        [
            "text | a | A |",
            "calculate | b | | digest(${a}, 'SHA-256')",
            "calculate | c | | translate(${a}, 'a', 'b')",
        ],
    ),
    (
        "type | name | label | calculation",
        [
            "begin_repeat | r | R |",
            "text | a | A |",
            "end_repeat | | |",
            "calculate | b | | join(', ', ${a})",
            "calculate | c | | count(${r})",
        ],
    ),
    (
        "type | name | label | constraint",
        [
            "begin_repeat | r | R |",
            "integer | a | A | count(../../r[a = current()/.]) = 1",
            "end_repeat | | |",
        ],
    ),
]


@pytest.mark.parametrize(("header", "rows"), FEATURES)
def test_a_form_declared_fit_opens_and_nothing_in_it_fails(header, rows):
    prepared = prepare(form(header, *rows), "md")
    assert prepared.outside == []
    ran = engine().call("fill", compiled=prepared.compiled, steps=[])
    assert ran["errors"] == []


def test_what_was_tried_on_citizens_forms_opens_and_computes():
    for name in ("f1-choice-name-selected-at", "f2-lookup-in-repeat", "f3-irrelevant-in-sum"):
        prepared = prepare((CASES / f"{name}.md").read_bytes(), "md")
        assert prepared.outside == []
    two = [
        {"do": "set", "path": "/data/item[1]/kind", "value": "b"},
        {"do": "add", "path": "/data/item"},
        {"do": "set", "path": "/data/item[2]/kind", "value": "a"},
    ]
    compiled = prepare((CASES / "f2-lookup-in-repeat.md").read_bytes(), "md").compiled
    ran = engine().call("fill", compiled=compiled, steps=two)
    prices = [leaf["value"] for leaf in ran["leaves"] if leaf["path"].endswith("/price")]
    assert prices == ["4000", "1000"]
