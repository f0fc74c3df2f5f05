"""Every figure of a release, of all indicators and kinds: one number in every channel.

`test_one_class` looks at one indicator on every kind of page; this one at all that was released.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from itertools import product
from typing import Any

import pandas as pd
import pytest
from django.test import Client
from django.utils import timezone

from dashboards.data.comparison import STANDING_OF_CLASS
from dashboards.text import formats
from scorecards import tasks
from scorecards.indicators import KINDS
from scorecards.pipeline import workday_table
from scorecards.plans.measures import counts
from scorecards.reading import round_compliance
from scorecards.tests.nation import (
    COMMUNES,
    draw_cases,
    draw_meetings,
    make_nation,
    make_person,
    publish,
    tell_everything,
)
from standards.loading import load_indicators
from standards.models import Indicator, IndicatorKind

QUARTER = "2026-Q1"
Row = dict[str, Any]


@pytest.fixture
def released(db: None) -> Client:
    make_nation()
    load_indicators()
    workday_table.refresh(timezone.localdate())
    draw_cases(500)
    draw_meetings(400)
    tell_everything()
    tasks.recompute_changed()
    publish(make_person("coordinator", ""), QUARTER)
    return Client(headers={"accept-language": "en"})


def api(client: Client, name: str) -> Iterator[Row]:
    page = 1
    while page:
        asked = {"period": QUARTER} | ({"page": page} if page > 1 else {})
        answer = client.get(f"/api/v1/scores/{name}", asked).json()
        yield from answer["results"]
        page = page + 1 if page < answer.get("pages", 1) else 0


def package(client: Client, name: str) -> list[Row]:
    content = client.get("/scores/data.zip", {"period": QUARTER}).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = {"place_code": str, "service": str}
        table = pd.read_csv(archive.open(f"{name}.csv"), dtype=texts, keep_default_na=False)
    return table.to_dict("records")


def cell(row: Row) -> tuple[str, ...]:
    names = ("indicator", "provider_kind", "service", "self_assessment", "place_code")
    return tuple(str(row.get(name, "False")) for name in names)


def test_every_channel_carries_the_same_numbers(released: Client) -> None:
    scores = {cell(row): row for row in api(released, "")}
    classes = {cell(row): row for row in api(released, "classes/")}
    assert len(scores) > 40
    assert len({row["indicator"] for row in scores.values()}) > 8
    in_package = {cell(row): row for row in package(released, "scores")}
    assert in_package.keys() == scores.keys()
    for key, row in scores.items():
        for name in ("numerator", "denominator", "share", "low", "high", "deff"):
            assert float(in_package[key][name]) == pytest.approx(row[name], abs=1e-12), key
    classes_in_package = {cell(row): row for row in package(released, "classes")}
    assert classes_in_package.keys() == classes.keys()
    for key, row in classes.items():
        for name in ("funnel", "arrow", "places", "whole"):
            # no line, no class: the nation's own cell is of too few people
            expected = "" if row[name] is None else str(row[name])
            assert str(classes_in_package[key][name]) == expected, key
    asked = {(key[1], key[0], key[2]) for key in scores if key[3] == "False"}
    seen = sum(one_question(released, *one, scores, classes) for one in sorted(asked))
    communes = {key for key in scores if len(key[4]) == 6 and key[3] == "False"}
    assert seen == len(communes) > 20
    interface_meetings_show_what_was_released(scores)
    both_sides_are_compared_as_printed(scores)


def interface_meetings_show_what_was_released(scores: dict[tuple[str, ...], Row]) -> None:
    """Beside both sides' votes: each released compliance of the office, and nothing else."""
    kinds = {i.code: i for i in Indicator.objects.filter(kind=IndicatorKind.COMPLIANCE)}
    shown = 0
    for commune, kind in product(COMMUNES, KINDS):
        expected = {
            kinds[key[0]].name_en: (row["share"], row["low"], row["high"])
            for key, row in scores.items()
            if key[1:] == (kind, "", "False", commune)
            and key[0] in kinds
            and kind in kinds[key[0]].provider_kinds
            and row["status"] in ("full", "pale")
        }
        lines = round_compliance.released(commune, kind)
        assert {one["name"][1]: (one["share"], one["low"], one["high"]) for one in lines} == {
            name: pytest.approx(figures) for name, figures in expected.items()
        }
        assert {one["period"] for one in lines} <= {QUARTER}
        shown += len(lines)
    assert shown > 10


def both_sides_are_compared_as_printed(scores: dict[tuple[str, ...], Row]) -> None:
    """Community against provider: figures where the staff rate themselves higher, of all with both."""
    sides = {
        True: {k: row["share"] for k, row in scores.items() if k[3] == "True"},
        False: {k: row["share"] for k, row in scores.items() if k[3] == "False"},
    }
    naive: dict[str, list[bool]] = {}
    for key, own in sides[True].items():
        community = sides[False].get((*key[:3], "False", key[4]))
        if len(key[4]) == 6 and key[2] == "" and community is not None and own is not None:
            naive.setdefault(key[4], []).append(own > community)
    counted = counts.by_commune(timezone.localdate())
    rows = counted[counted["measure"] == "self_higher"].groupby("commune")[["met", "total"]].sum()
    assert {c: (int(r["met"]), int(r["total"])) for c, r in rows.iterrows()} == {
        commune: (sum(higher), len(higher)) for commune, higher in naive.items()
    }
    assert sum(map(len, naive.values())) >= 3


def one_question(
    client: Client,
    kind: str,
    indicator: str,
    service: str,
    scores: dict[tuple[str, ...], Row],
    classes: dict[tuple[str, ...], Row],
) -> int:
    """Compare file, chart and embedded figure with the API; return how many communes have one."""
    asked_for = (indicator, kind, service, "False")
    query = {"period": QUARTER, "kind": kind, "indicator": indicator, "service": service}
    text = client.get("/compare.csv", query).content.decode("utf-8-sig")
    in_file = {row["Code"]: row for row in csv.DictReader(io.StringIO(text))}
    chart = client.get("/compare.json", {**query, "figure": "dots"}).content.decode()
    address = f"/released/en/{QUARTER}/{kind}/{indicator}/{service or 'all'}/commune/all"
    answer = client.get(f"{address}.json")
    if answer.status_code == 404:  # votes about another kind's indicator, which no page offers
        assert kind not in Indicator.objects.get(code=indicator).provider_kinds, indicator
        return sum(key[:4] == asked_for and len(key[4]) == 6 for key in scores)
    embedded = answer.json()
    rows = {row["code"]: row for row in embedded["rows"]}
    page = client.get(address).content.decode()
    nation = scores.get((indicator, kind, service, "False", ""))
    line = nation["share"] if nation else None
    mine = [key for key in scores if key[:4] == asked_for]
    communes = [key for key in mine if len(key[4]) == 6]
    assert {code for code, row in in_file.items() if row["Share"]} == {key[4] for key in communes}
    assert rows.keys() == {key[4] for key in communes}
    if communes:
        assert embedded["whole_country"] == (None if line is None else round(line, 4))
    drawn = [x for trace in json.loads(chart)["data"] for x in trace.get("x", ()) if x is not None]
    for key in communes:
        row, file_row, shown = scores[key], in_file[key[4]], rows[key[4]]
        assert (int(file_row["Met the standard"]), int(file_row["Judged"])) == (
            shown["met"],
            shown["judged"],
        )
        assert (shown["met"], shown["judged"]) == (row["numerator"], row["denominator"])
        for name, heading in (
            ("share", "Share"),
            ("low", "Interval from"),
            ("high", "Interval to"),
        ):
            assert float(file_row[heading]) == shown[name] == round(row[name], 4)
        assert round(row["share"], 4) in drawn
        assert formats.percent(row["share"]) in page
        one = classes.get(key)
        assert file_row["Class"] == (one["funnel"] if one else "")
        if one:
            assert (file_row["Change since the period before"], shown["arrow"]) == (
                one["arrow"],
            ) * 2
            assert shown["standing"] == STANDING_OF_CLASS[one["funnel"]]
            assert file_row["Status"] == formats.mark(STANDING_OF_CLASS[one["funnel"]]).word
            assert int(file_row["Places compared"]) == one["places"]
            in_words = file_row["Share of the whole country"]
            if line is None:  # the nation's own cell is of too few people: there is no line
                assert (in_words, one["whole"]) == ("", None)
            else:
                assert float(in_words) == round(one["whole"], 4)
                assert one["whole"] == pytest.approx(line, abs=1e-12)
    return len(communes)
