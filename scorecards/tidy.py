"""Figures as a tidy table with a data dictionary: CSV, Parquet, and a Frictionless package.

Only what ``scorecards.scores`` answers for this person goes in.
"""

import io
import json
import zipfile
from typing import Any

import pandas as pd

from scorecards import scores
from scorecards.catalogue import RULE_OF
from standards.indicators import by_code

ABOUT: dict[str, tuple[str, str]] = {
    "period": ("string", "Month (2026-07), quarter (2026-Q3) or year (2026)"),
    "level": ("string", "provider, commune, province or nation"),
    "place_code": ("string", "Official code of the place; empty for the nation"),
    "place_km": ("string", "Name of the place in Khmer"),
    "place_en": ("string", "Name of the place in Latin letters"),
    "province_code": ("string", "Official code of the province"),
    "provider_kind": ("string", "Kind of provider"),
    "provider_id": ("integer", "Number of a single provider; 0 for all of the kind"),
    "service": ("string", "Code of the service; empty for all services"),
    "indicator": ("string", "Code of the indicator; see the resource indicators"),
    "self_assessment": ("boolean", "Votes of the providers about themselves"),
    "numerator": ("integer", "Cases in which the standard was met; votes of 4 or 5"),
    "denominator": ("integer", "Cases judged; votes given"),
    "share": ("number", "numerator / denominator, 0 to 1"),
    "low": ("number", "Lower end of the 95% interval, or of the band of an under_three cell"),
    "high": ("number", "Upper end of the 95% interval, or of the band"),
    "deff": ("number", "Design effect the interval allows for"),
    "status": ("string", "full, pale, too_few, under_three, hidden, no_data or not_yet_known"),
    "why": ("string", "Why nothing was judged"),
    "revised": ("boolean", "Changed after it was first published or its period was closed"),
    "method_version": ("string", "Version of the method"),
}


def table(user: object, period: str) -> pd.DataFrame:
    """Every cell of one period that this person may see, in the columns of ``ABOUT``."""
    found = scores.everything(user, period)[list(ABOUT)]
    whole = {name: "Int64" for name, (kind, _about) in ABOUT.items() if kind == "integer"}
    return found.astype(whole)


def package(user: object, period: str) -> bytes:
    """A zip with datapackage.json, the scores as CSV and Parquet, and the indicators.

    The descriptor follows Frictionless Data Package v1 (specs.frictionlessdata.io).
    """
    figures, known = table(user, period), _indicators()
    parquet = io.BytesIO()
    figures.to_parquet(parquet, index=False)
    files: dict[str, bytes] = {
        "scores.csv": figures.to_csv(index=False).encode(),
        "scores.parquet": parquet.getvalue(),
        "indicators.csv": known.to_csv(index=False).encode(),
        "datapackage.json": json.dumps(_descriptor(period), ensure_ascii=False, indent=1).encode(),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


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
    names = ["code", "kind", "name_km", "name_en", "measured_as_en", "rule"]
    return pd.DataFrame(rows, columns=pd.Index(names))


def _descriptor(period: str) -> dict[str, Any]:
    fields = [
        {"name": name, "type": kind, "description": about} for name, (kind, about) in ABOUT.items()
    ]
    key = ["period", "indicator", "service", "provider_kind", "place_code", "provider_id"]
    texts = ["code", "kind", "name_km", "name_en", "measured_as_en", "rule"]
    csv = {"format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
    return {
        "profile": "data-package",
        "name": f"scores-{period.lower()}",
        "title": f"Scores of public services, {period}",
        "resources": [
            {
                "name": "scores",
                "path": "scores.csv",
                "profile": "tabular-data-resource",
                **csv,
                "schema": {
                    "fields": fields,
                    "primaryKey": [*key, "self_assessment"],
                    "missingValues": [""],
                    "foreignKeys": [
                        {
                            "fields": "indicator",
                            "reference": {"resource": "indicators", "fields": "code"},
                        }
                    ],
                },
            },
            {
                "name": "indicators",
                "path": "indicators.csv",
                "profile": "tabular-data-resource",
                **csv,
                "schema": {
                    "fields": [{"name": name, "type": "string"} for name in texts],
                    "primaryKey": ["code"],
                    "missingValues": [],
                },
            },
            {
                "name": "scores-parquet",
                "path": "scores.parquet",
                "profile": "data-resource",
                "format": "parquet",
                "mediatype": "application/vnd.apache.parquet",
            },
        ],
    }
