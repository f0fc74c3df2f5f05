"""Released compliance for interface meetings: only what everybody may see."""

from typing import Any

from scorecards.models import Release
from scorecards.reading import scores
from standards.models import Indicator, IndicatorKind


def released(commune: str, provider_kind: str) -> list[dict[str, Any]]:
    """Return the newest released compliance of a kind of provider in a commune, by indicator.

    Only figures that a visitor could read: a meeting is public.
    """
    newest = Release.objects.filter(is_current=True).order_by("-period").first()
    if newest is None:
        return []
    names = {
        i.code: [i.name_km, i.name_en]
        for i in Indicator.objects.filter(
            kind=IndicatorKind.COMPLIANCE, provider_kinds__contains=[provider_kind]
        )
    }
    cells = scores.commune(None, commune, newest.period)
    chosen = cells[
        (cells["provider_kind"] == provider_kind)
        & (cells["service"] == "")
        & (cells["provider_id"] == 0)
        & cells["indicator"].isin(names)
        & cells["status"].isin(["full", "pale"])
    ]
    return [
        {
            "name": names[row["indicator"]],
            "share": float(row["share"]),
            "low": float(row["low"]),
            "high": float(row["high"]),
            "period": newest.period,
        }
        for row in chosen.to_dict("records")
    ]
