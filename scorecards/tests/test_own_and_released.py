"""Exact figures are for the communes whose cases somebody may see, and for nothing beyond them."""

import csv
import io

from django.test import Client

from accounts.models import User
from scorecards import periods
from scorecards.pipeline import comparisons
from scorecards.reading import statistics
from scorecards.tests.nation import make_person, publish
from scorecards.tests.test_releases import everything

QUARTER, OWN = "2026-Q1", "010201"
CELL = ["indicator", "provider_kind", "self_assessment", "place_code", "service", "provider_id"]
TOTALS = ("whole", "like_share", "like_gap", "like_low", "like_high", "province_share")


def test_exact_figures_end_where_the_reader_may_not_see_the_cases(
    scored: None, coordinator: User
) -> None:
    """No total over other places, and no exact figure beside the released one of its cell."""
    publish(coordinator, QUARTER)
    comparisons.compute(periods.parse(QUARTER))
    facilitator = make_person("facilitator", OWN)
    seen = everything(facilitator)
    assert set(seen.loc[seen["working"], "place_code"]) == {OWN}
    assert not seen.duplicated(CELL).any()
    released = everything(None).set_index(CELL)
    others = seen[~seen["working"]].set_index(CELL)
    assert {"", "01", "010202"} <= set(others.reset_index()["place_code"])
    assert others["numerator"].equals(released["numerator"].reindex(others.index))
    for rows in (
        statistics.comparisons(facilitator, QUARTER),
        statistics.classes(facilitator, QUARTER),
    ):
        mine = rows[rows["working"]]
        assert set(mine["place_code"]) == {OWN}
        assert mine[[name for name in TOTALS if name in mine]].isna().all(axis=None)
        assert rows.loc[~rows["working"], "whole"].notna().any()
    _line_of_the_file(facilitator, coordinator)


def _line_of_the_file(facilitator: User, coordinator: User) -> None:
    """The page compares with the printed nation; its exact share is the coordinators'."""
    lines = []
    for user in (None, facilitator, coordinator):
        client = Client(headers={"accept-language": "en"})
        if user:
            client.force_login(user)
        asked = {"period": QUARTER, "kind": "commune", "indicator": "CA-C1"}
        text = client.get("/compare.csv", asked).content.decode("utf-8-sig")
        rows = [*csv.DictReader(io.StringIO(text))]
        assert len({row["Code"] for row in rows}) == len(rows) > 0
        lines.append({row["Share of the whole country"] for row in rows} - {""})
    assert lines[1] <= lines[0]
    assert lines[0].isdisjoint(lines[2])
