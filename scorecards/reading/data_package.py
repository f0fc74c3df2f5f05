"""Figures as tidy tables with a data dictionary: CSV, Parquet, and a Frictionless package.

Only what ``scorecards.reading.scores`` and ``scorecards.reading.statistics`` answer for this
person goes in.
How to work with it in a notebook: docs/analysts.md.
"""

import io
import json
import zipfile
from typing import Any

import pandas as pd
from django.utils import timezone

from scorecards import columns, periods
from scorecards.indicators import RULE_OF
from scorecards.reading import scores, statistics
from standards.indicators import by_code

_UNFINISHED = ("boolean", "The period was not over when this was read: figures will change")
_SCORES = (
    *("period", "level", "place_code", "place_km", "place_en", "province_code", "provider_kind"),
    *("provider_id", "service", "indicator", "self_assessment", "numerator", "denominator"),
    *("share", "low", "high", "deff", "status", "why", "revised", "method_version"),
    *("unfinished", "rounded"),
)
ABOUT: dict[str, tuple[str, str]] = {
    name: _UNFINISHED
    if name == "unfinished"
    else (columns.BY_NAME[name].kind, columns.BY_NAME[name].about)
    for name in _SCORES
}
"""Columns of scores in the package and the API: kind and meaning."""


_FROM = {
    "method_version": ("string", "Version of the method"),
    "data_until": ("datetime", "Newest observation of the period; of a release its month"),
    "computed_at": ("datetime", "When it was computed"),
    "working": ("boolean", "Computed from working figures, not from a release"),
    "unfinished": _UNFINISHED,
}
COMPARED: dict[str, tuple[str, str]] = {
    **{name: ABOUT[name] for name in ("period", "indicator", "provider_kind", "place_code")},
    **{name: ABOUT[name] for name in ("province_code", "numerator", "denominator", "deff")},
    "places": ("integer", "Communes compared, this one included"),
    "mean": ("number", "Share drawn to the mean of all: beta-binomial empirical Bayes"),
    "rank_low": ("integer", "Best place it may have (95%); 1 is the highest share"),
    "rank_high": ("integer", "Worst place it may have (95%)"),
    "whole": ("number", "The line: share of the nation, of a release as printed"),
    "spread": ("number", "Tau squared of the funnel's limits"),
    "funnel": ("string", "far_below, below, as_expected, above, far_above or not_drawn"),
    "outlier": ("boolean", "Stands out after Benjamini-Hochberg at 5%"),
    "province_places": ("integer", "Other communes of the province with cases"),
    "province_share": ("number", "Their share, where they are five or more"),
    "province_gap": ("number", "Own share minus theirs"),
    "province_low": ("number", "Lower end of the gap's 95% interval"),
    "province_high": ("number", "Upper end of the gap's 95% interval"),
    "province_alarm": ("boolean", "Clear at 99.8% and 5 points or more: a sentence may say so"),
    "like_places": ("integer", "Other communes of its kind (khum, sangkat) with cases"),
    "like_share": ("number", "Their share, where they are five or more"),
    "like_gap": ("number", "Own share minus theirs"),
    "like_low": ("number", "Lower end of the gap's 95% interval"),
    "like_high": ("number", "Upper end of the gap's 95% interval"),
    "like_alarm": ("boolean", "Clear at 99.8% and 5 points or more: a sentence may say so"),
    "change": ("number", "Share minus that of the period before"),
    "change_low": ("number", "Lower end of the change's 95% interval"),
    "change_high": ("number", "Upper end of the change's 95% interval"),
    "arrow": ("string", "up, down, no_clear_change, new_standard or not_comparable"),
    "change_alarm": ("boolean", "The arrow would be drawn at 99.8% as well"),
    "trend": ("string", "The same over the last periods under one standard"),
    "trend_periods": ("integer", "How many periods the trend looks at"),
    "trend_alarm": ("boolean", "The trend is clear at 99.8% as well"),
    **_FROM,
}
CLASSES: dict[str, tuple[str, str]] = {
    **{name: ABOUT[name] for name in ("period", "level", "indicator", "provider_kind")},
    **{name: ABOUT[name] for name in ("service", "place_code", "province_code")},
    **{name: COMPARED[name] for name in ("numerator", "denominator", "deff")},
    "places": ("integer", "Places of its level compared, this one included"),
    **{name: COMPARED[name] for name in ("whole", "spread", "funnel", "outlier")},
    **{name: COMPARED[name] for name in ("change", "change_low", "change_high", "arrow")},
    "change_alarm": COMPARED["change_alarm"],
    **_FROM,
}
OVERALL: dict[str, tuple[str, str]] = {
    **{name: ABOUT[name] for name in ("period", "level", "provider_kind", "place_code")},
    "province_code": ABOUT["province_code"],
    "score": ("number", "Weighted mean of the shares, 0 to 100; empty below 60% coverage"),
    "low": ("number", "Lower end of its 95% interval"),
    "high": ("number", "Upper end of its 95% interval"),
    "coverage": ("number", "Weight judged / weight total"),
    "parts_judged": ("integer", "Indicators with ten judged cases or more"),
    "parts_total": ("integer", "Indicators that count"),
    **_FROM,
}
GAPS: dict[str, tuple[str, str]] = {
    **{name: ABOUT[name] for name in ("period", "level", "indicator", "provider_kind")},
    "among": ("string", "women, youth (15 to 30), poor_card, disability or minority"),
    "place_code": ABOUT["place_code"],
    "province_code": ABOUT["province_code"],
    "voters": ("integer", "Voters of the group; released ones rounded to a multiple of three"),
    "others": ("integer", "Voters known not to be of it"),
    "satisfied": ("integer", "Votes of 4 or 5 of the group; released figures only"),
    "others_satisfied": ("integer", "Votes of 4 or 5 of the others"),
    "share": ("number", "satisfied / voters; released figures only"),
    "others_share": ("number", "others_satisfied / others"),
    "share_gap": ("number", "share minus others_share"),
    "share_low": ("number", "Lower end of its 95% interval, which allows for the rounding"),
    "share_high": ("number", "Upper end"),
    "mean": ("number", "Mean score of the group, 1 to 5; working figures only"),
    "others_mean": ("number", "Mean score of the others; working figures only"),
    "gap": ("number", "mean minus others_mean, in points; working figures only"),
    "low": ("number", "Lower end of the gap's 95% interval (bootstrap by meeting)"),
    "high": ("number", "Upper end; none where there was one meeting"),
    **_FROM,
}


def table(user: object, period: str) -> pd.DataFrame:
    """Return every cell of one period that this person may see, in the columns of ``ABOUT``."""
    rows = marked(scores.everything(user, period))[list(ABOUT)]
    integer_columns = {name: "Int64" for name, (kind, _about) in ABOUT.items() if kind == "integer"}
    return rows.astype(integer_columns)


def package(user: object, period: str) -> bytes:
    """Return a zip with datapackage.json and each table as CSV, those of figures as Parquet too.

    The descriptor follows Frictionless Data Package v1 (specs.frictionlessdata.io).
    """
    figures = {
        "scores": table(user, period),
        "comparisons": _moments(statistics.comparisons(user, period)),
        "classes": _moments(statistics.classes(user, period)),
        "overall": _moments(statistics.overall(user, period)),
        "gaps": _moments(statistics.gaps(user, period)),
    }
    files = {"indicators.csv": _indicators().to_csv(index=False).encode()}
    for name, rows in figures.items():
        files[f"{name}.csv"] = rows.to_csv(index=False, date_format=_MOMENT).encode()
        parquet = io.BytesIO()
        rows.to_parquet(parquet, index=False)
        files[f"{name}.parquet"] = parquet.getvalue()
    descriptor = json.dumps(_descriptor(period), ensure_ascii=False, indent=1)
    files["datapackage.json"] = descriptor.encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def marked(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a column that marks a period that is not over."""
    today = timezone.localdate()
    running = {code: not periods.parse(code).is_over(today) for code in rows["period"].unique()}
    return rows.assign(unfinished=rows["period"].map(running).astype(bool))


def _moments(rows: pd.DataFrame) -> pd.DataFrame:
    rows = marked(rows)
    fields = {name: pd.to_datetime(rows[name], utc=True) for name in ("data_until", "computed_at")}
    return rows.assign(**fields)


_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def _indicators() -> pd.DataFrame:
    rows = [
        {
            "code": one.code,
            "kind": one.kind,
            "name_km": one.name_km,
            "name_en": one.name_en,
            "measured_as_en": one.measured_as_en,
            "rule": RULE_OF.get(one.code, ""),
        }
        for one in by_code().values()
    ]
    return pd.DataFrame(rows, columns=pd.Index(_INDICATORS))


_KEY = ["period", "indicator", "provider_kind", "place_code"]
_TABLES: dict[str, tuple[dict[str, tuple[str, str]], list[str]]] = {
    "scores": (ABOUT, [*_KEY, "service", "provider_id", "self_assessment"]),
    "comparisons": (COMPARED, _KEY),
    "classes": (CLASSES, [*_KEY, "service"]),
    "overall": (OVERALL, ["period", "provider_kind", "place_code"]),
    "gaps": (GAPS, [*_KEY, "among"]),
}
_INDICATORS = {
    "code": "Code of the indicator",
    "kind": "compliance, perception or input",
    "name_km": "Name in Khmer",
    "name_en": "Name in English",
    "measured_as_en": "What is counted",
    "rule": "The rule of judging, for indicators made from cases",
}


def _descriptor(period: str) -> dict[str, Any]:
    indicators = _resource(
        "indicators", {name: ("string", text) for name, text in _INDICATORS.items()}, ["code"]
    )
    tables = [_resource(name, about, key) for name, (about, key) in _TABLES.items()]
    for one in tables:
        if "indicator" in one["schema"]["primaryKey"]:
            reference = {"resource": "indicators", "fields": "code"}
            one["schema"]["foreignKeys"] = [{"fields": "indicator", "reference": reference}]
    over = periods.parse(period).is_over(timezone.localdate())
    mark = "" if over else " (not over yet)"
    return {
        "profile": "data-package",
        "name": f"scores-{period.lower()}",
        "title": f"Scores of public services, {period}{mark}",
        "resources": [*tables, indicators, *(_parquet(name) for name in _TABLES)],
    }


def _resource(name: str, about: dict[str, tuple[str, str]], key: list[str]) -> dict[str, Any]:
    """Return one table of the package, described column by column.

    An empty text of the key is a value (the nation, all services), so nothing is missing
    in texts: only numbers and yes-or-no columns may be.
    """
    fields = [
        {"name": column, "type": kind, "description": text}
        | (_YES_OR_NO if kind == "boolean" else {})
        for column, (kind, text) in about.items()
    ]
    return {
        "name": name,
        "path": f"{name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {"fields": fields, "primaryKey": key, "missingValues": [""]},
    }


_YES_OR_NO = {"trueValues": ["True"], "falseValues": ["False"]}


def _parquet(name: str) -> dict[str, Any]:
    return {
        "name": f"{name}-parquet",
        "path": f"{name}.parquet",
        "profile": "data-resource",
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
    }
