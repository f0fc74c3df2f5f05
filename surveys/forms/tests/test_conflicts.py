"""A field keeps its kind from version to version, as in ODK Central."""

import pytest

from surveys.forms.conflicts import FieldConflict
from surveys.forms.publishing import prepare, publish, save_draft
from surveys.submissions.tests import factories

pytestmark = pytest.mark.django_db


def form(version, *rows):
    text = "".join(f"| | {row} |\n" for row in rows)
    return (
        f"| survey |\n| | type | name | label |\n{text}"
        f"| settings |\n| | form_id | version |\n| | kept | {version} |\n"
    )


HOUSE = (
    *("begin_group | house | House", "begin_repeat | child | Child", "integer | age | Age"),
    *("end_repeat | |", "end_group | |"),
)


def offer(programme, version, *rows):
    prepared = prepare(form(version, *rows).encode(), "md")
    return save_draft(programme=programme, prepared=prepared, by=None)


@pytest.mark.parametrize(
    ("before", "after", "path", "cell"),
    [
        (HOUSE, ("text | house | House",), "/house", "survey!C2"),
        (
            HOUSE,
            ("begin_group | house | H", "integer | child | C", "end_group | |"),
            "/house/child",
            "survey!C3",
        ),
        (("text | a | A", "text | b | B"), ("text | a | A", "integer | b | B"), "/b", "survey!C3"),
        (("integer | a | A",), ("date | a | A",), "/a", "survey!C2"),
        (
            ("text | a | A",),
            ("begin_repeat | a | A", "text | b | B", "end_repeat | |"),
            "/a",
            "survey!C2",
        ),
    ],
)
def test_a_field_that_changes_its_kind_is_refused_with_its_cell(before, after, path, cell):
    programme = factories.programme()
    publish(form=offer(programme, 1, *before).form, by=None)
    with pytest.raises(FieldConflict) as refused:
        offer(programme, 2, *after)
    assert refused.value.path == path
    assert refused.value.problems[0].where == cell
    assert path.lstrip("/") in refused.value.problems[0].sentence


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("integer | a | A",), ("text | a | A",)),
        (("text | a | A",), ("date | b | B",)),
        (HOUSE, (*HOUSE, "text | note | Note")),
        (("note | a | A",), ("text | a | A",)),
    ],
)
def test_a_question_may_become_text_and_others_may_come_and_go(before, after):
    programme = factories.programme()
    publish(form=offer(programme, 1, *before).form, by=None)
    publish(form=offer(programme, 2, *after).form, by=None)


def test_versions_long_before_count_and_drafts_do_not():
    programme = factories.programme()
    publish(form=offer(programme, 1, "integer | a | A").form, by=None)
    publish(form=offer(programme, 2, "text | b | B").form, by=None)
    with pytest.raises(FieldConflict):
        offer(programme, 3, "date | a | A")
    offer(programme, 3, "date | c | C")
    offer(programme, 3, "integer | c | C")


def test_a_version_published_since_the_draft_was_made_counts():
    programme = factories.programme()
    first = offer(programme, 1, "integer | a | A")
    draft = first.form
    publish(form=draft, by=None)
    kept = offer(programme, 3, "date | c | C")
    form_row = kept.form
    # another draft of the same form is published meanwhile
    form_row.draft = None
    form_row.save()
    publish(form=offer(programme, 2, "integer | c | C").form, by=None)
    form_row.draft = kept
    form_row.save()
    with pytest.raises(FieldConflict):
        publish(form=form_row, by=None)
