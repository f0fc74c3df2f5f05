"""The national report, and a programme's for its donor: coverage, compliance, commitments."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Programme
from dashboards.data.classed_cells import standing_of, with_classes
from dashboards.reports.figures import COLUMNS, READER, Row, rule_of
from dashboards.reports.frame import Asked, frame
from dashboards.text import formats, indicators
from places.models import Place
from scorecards.indicators import KINDS
from scorecards.plans import reading as plans
from scorecards.reading import scores, statistics
from standards.models import Indicator, ProviderKind
from surveys.rounds import totals

TEMPLATE: Final = Path(__file__).with_name("report.typ")
LEVELS: Final = ("nation", "province")
MOST_PAGES: Final = 40
_COVERED: Final = ("place_code", "level", "provider_id", "self_assessment", "share")


def national_report(asked: Asked) -> dict[str, Any]:
    """Return the report of the whole country, by province."""
    provinces = list(Place.objects.provinces())
    return _report(
        asked,
        provinces,
        title=_("Public services and their standards"),
        subtitle=_("The whole country, by province"),
        path=f"{reverse('dashboards:compare')}?period={asked.period}",
    )


def programme_report(asked: Asked, programme: Programme, user: object) -> dict[str, Any]:
    """Return the report of one programme's provinces; people reached as ``user`` may read them."""
    provinces = list(programme.provinces.all()) or list(Place.objects.provinces())
    partners = [part for part in (programme.donor, programme.partner) if part]
    made = _report(
        asked,
        provinces,
        title=str(programme),
        subtitle=" · ".join(partners),
        path=f"{reverse('dashboards:donor')}?period={asked.period}",
    )
    names = ", ".join(province.name for province in provinces)
    return made | {
        "filters": _("Filters: programme %(programme)s (%(places)s); %(period)s; released figures.")
        % {"programme": programme, "places": names, "period": made["period"]},
        "reached": _reached(str(programme), user),
    }


def _report(
    asked: Asked, provinces: Sequence[Place], *, title: str, subtitle: str, path: str
) -> dict[str, Any]:
    by_code = {indicator.code: indicator for indicator in Indicator.objects.all()}
    rows = _figures(asked.period, by_code)
    codes = {province.code for province in provinces}
    measures = _measures([row for row in rows if row["place_code"] in codes | {""}], by_code)
    return frame(asked, title=title, subtitle=subtitle, path=path) | {
        "sentences": _sentences(rows, by_code),
        "coverage": _coverage(asked.period, provinces),
        "groups": [
            {
                "name": str(ProviderKind(kind).label),
                "headings": [by_code[code].name for code in own],
                "lines": _lines(kind, own, rows, provinces),
            }
            for kind, own in measures.items()
        ],
        "commitments": _commitments(provinces),
        "reached": {"headings": [], "lines": []},
        "numbers": [formats.digits(n) for n in range(1, MOST_PAGES + 1)],
        "words": _words(),
    }


def _words() -> dict[str, str]:
    return {
        "summary": _("The whole country"),
        "coverage": _("Where there is data"),
        "compliance": _("Do services keep to the standard?"),
        "commitments": _("Are plans carried out?"),
        "reached": _("People reached"),
        "province": _("Province"),
        "communes": _("communes"),
        "with": _("with figures"),
        "without": _("without: too few answers to show, or none"),
        "nation": _("The whole country"),
        "promised": _("promised"),
        "done": _("reported done"),
        "confirmed": _("confirmed by citizens"),
        "late": _("late"),
        "denied": _("denied by citizens"),
        "nothing": formats.nothing(),
        "worse": formats.mark("worse").word,
        "better": formats.mark("better").word,
        "expected": formats.mark("as_expected").word,
        "few": formats.mark("few").word,
        "page": _("page"),
    }


def _figures(period: str, existing: dict[str, Indicator]) -> list[Row]:
    """Return released figures of the nation and of every province, all services together."""
    frames, classes = [], []
    for code in ("", *Place.objects.provinces().values_list("code", flat=True)):
        frames.append(scores.place(READER, code, period)[list(COLUMNS)])
    for level in LEVELS:
        classes.append(statistics.classes(READER, period, service="", level=level))
    cells = pd.concat([frame for frame in frames if len(frame)] or frames[:1])
    own = (cells["service"] == "") & (cells["provider_id"] == 0) & cells["share"].notna()
    own &= ~cells["self_assessment"].astype(bool) & cells["indicator"].isin(list(existing))
    shown = [one for one in classes if len(one)] or classes[:1]
    joined = with_classes(cells[own].reset_index(drop=True), pd.concat(shown))
    return list(joined.to_dict("records"))


def _sentences(rows: Sequence[Row], existing: dict[str, Indicator]) -> list[dict[str, str]]:
    """Return the nation's own figures in words, in the order of measures."""
    order = {code: number for number, code in enumerate(existing)}
    own = [row for row in rows if row["place_code"] == "" and rule_of(row)]
    own.sort(key=lambda row: (KINDS.index(row["provider_kind"]), order[row["indicator"]]))
    sentences = []
    for row in own:
        figure = indicators.figure_of(row, existing[row["indicator"]])
        sentences.append(
            {
                "kind": str(ProviderKind(row["provider_kind"]).label),
                "share": formats.percent(figure.share),
                "text": f"{indicators.counts(figure)} {indicators.certainty(figure)}",
                "change": indicators.change(figure),
            }
        )
    return sentences


def _measures(rows: Sequence[Row], existing: dict[str, Indicator]) -> dict[str, list[str]]:
    """Return the measures with a figure, by kind of provider, in their usual order."""
    measures: dict[str, list[str]] = {}
    for kind in KINDS:
        own = {row["indicator"] for row in rows if row["provider_kind"] == kind}
        if listed := [code for code in existing if code in own]:
            measures[kind] = listed
    return measures


def _lines(
    kind: str, codes: Sequence[str], rows: Sequence[Row], provinces: Sequence[Place]
) -> list[dict[str, Any]]:
    by_key = {
        (row["place_code"], row["indicator"]): row for row in rows if row["provider_kind"] == kind
    }
    places = [("", _("The whole country")), *((p.code, p.name) for p in provinces)]
    return [
        {
            "name": name,
            "nation": not place,
            "cells": [_cell(by_key.get((place, code))) for code in codes],
        }
        for place, name in places
    ]


def _cell(row: Row | None) -> dict[str, str]:
    if row is None:
        return {"share": "", "sign": "", "css": "", "arrow": ""}
    mark = formats.mark(standing_of(row))
    return {
        "share": formats.percent(row["share"]),
        "sign": mark.sign if row["place_code"] else "",
        "css": mark.css if row["place_code"] else "",
        "arrow": {"up": "▲", "down": "▼"}.get(str(row["arrow"]), ""),
    }


def _coverage(period: str, provinces: Sequence[Place]) -> list[dict[str, str]]:
    cells = scores.everything(READER, period, columns=_COVERED)
    shown = cells[(cells["level"] == "commune") & cells["share"].notna()]
    answered = set(shown["place_code"])
    codes = Place.objects.communes().valid_on(timezone.localdate()).values_list("code", flat=True)
    all_communes: dict[str, set[str]] = {}
    for code in codes:
        all_communes.setdefault(code[:2], set()).add(code)
    lines = []
    for province in provinces:
        own = all_communes.get(province.code, set())
        with_figures = len(own & answered)
        lines.append(
            {
                "name": province.name,
                "all": formats.count(len(own)),
                "with": formats.count(with_figures),
                "without": formats.count(len(own) - with_figures),
                "share": str(with_figures / len(own) if own else 0),
            }
        )
    return lines


def _commitments(provinces: Sequence[Place]) -> list[dict[str, Any]]:
    lines = []
    for province in provinces:
        own = plans.totals(province.code)
        if own.agreed:
            numbers = (own.agreed, own.said_done, own.confirmed, own.late, own.denied)
            lines.append({"name": province.name, "counts": [formats.count(n) for n in numbers]})
    return lines


def _reached(programme: str, user: object) -> dict[str, Any]:
    """Return sessions and people of a programme, rounded to ten, by province."""
    rows = [one for one in totals.by_programme_and_province(user) if one.programme == programme]
    headings = totals.headers()[1:]
    return {
        "headings": headings,
        "lines": [{"name": one.province, "counts": one.numbers()} for one in rows],
    }
