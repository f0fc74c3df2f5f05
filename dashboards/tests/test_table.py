import numpy as np
import pandas as pd
import pytest

from dashboards.data.comparison import COLUMNS, ordered, page_of, peers_of, standings
from dashboards.data.table import Table
from dashboards.query import SORTS, Query
from dashboards.tests.tables import table

NAMES = [*COLUMNS, "name", "standing", "address"]


def drawn(places: int = 120) -> pd.DataFrame:
    """Places in no order, with ties and with figures that are not shown."""
    random = np.random.default_rng(7)
    rows = []
    for at in random.permutation(places):
        judged = int(random.integers(1, 30))
        status = "full" if judged >= 10 else "too_few"
        met = int(random.integers(0, judged + 1))
        rows.append((f"01{at // 10:02}{at % 10:02}", f"C{at % 17}", met, judged, status))
    return table(*rows)


def columns_of(frame: pd.DataFrame) -> Table:
    return Table({name: frame[name].to_numpy() for name in NAMES})


def test_a_table_says_the_same_as_its_frame():
    rows = drawn()
    outcome = columns_of(rows)
    assert len(outcome) == len(rows)
    pd.testing.assert_frame_equal(outcome.frame(), rows[NAMES], check_dtype=False)
    picked = outcome.take([5, 0])
    assert picked["code"].tolist() == rows["code"].iloc[[5, 0]].tolist()
    assert outcome.row(5)["code"] == picked.row(0)["code"] == rows["code"][5]


def test_texts_of_a_frame_are_plain_objects():
    frame = Table({"code": np.array(["01", "02"], dtype=object), "share": np.zeros(2)}).frame()
    assert frame["code"].dtype == object
    assert frame["share"].dtype == np.float64


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{column}" for column in SORTS)])
def test_a_table_is_ordered_as_pandas_orders_its_frame(sort):
    rows = drawn()
    wanted = rows.sort_values("code").sort_values(
        sort.removeprefix("-"),
        ascending=not sort.startswith("-"),
        kind="stable",
        na_position="last",
    )
    for message in (columns_of(rows), rows):
        assert ordered(message, Query(sort=sort))["code"].tolist() == wanted["code"].tolist()


def test_pages_peers_and_standings_are_the_same_of_a_table_and_of_its_frame():
    rows = drawn()
    outcome = columns_of(rows)
    for number in (1, 3, 99):
        ours, theirs = page_of(outcome, number), page_of(rows, number)
        assert (ours.number, ours.pages, ours.total) == (theirs.number, theirs.pages, theirs.total)
        assert ours.rows["code"].tolist() == theirs.rows["code"].tolist()
    for code in rows["code"][:5]:
        assert peers_of(outcome, code)["code"].tolist() == peers_of(rows, code)["code"].tolist()
    assert len(peers_of(outcome, "999999")) == 0
    assert standings(outcome).tolist() == standings(rows).tolist() == rows["standing"].tolist()
