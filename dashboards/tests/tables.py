"""Small tables of the shape that figures are made from."""

import numpy as np
import pandas as pd

from dashboards.data.comparison import NationalFigure, standings
from scorecards.method.comparison import funnel
from scorecards.method.estimates.intervals import wilson

NATIONAL = NationalFigure(met=800, judged=1000, share=0.8, low=0.774, high=0.824)


def table(*rows: tuple[str, str, float, float, str]) -> pd.DataFrame:
    """Rows of (code, name, met, judged, status); a status without a figure hides its numbers."""
    made = pd.DataFrame(rows, columns=["code", "name", "met", "judged", "status"])
    made["name_km"] = made["name_latin"] = made["name"]
    made["kind"] = "khum"
    made["province"] = made["code"].str[:2]
    made["longitude"] = np.linspace(103, 107, len(made))
    made["latitude"] = np.linspace(11, 14, len(made))
    low, high = wilson(made["met"], made["judged"])
    made["share"], made["low"], made["high"] = made["met"] / made["judged"], low, high
    hidden = ~made["status"].isin(["full", "pale"])
    made.loc[hidden, ["met", "judged", "share", "low", "high"]] = np.nan
    # Forty usual places around them, as a country has: what is unusual shows only among others.
    usual = pd.DataFrame({"met": 80.0, "judged": 100.0, "share": 0.8, "status": "full"}, range(40))
    usual["met"] += np.arange(40) % 7 - 3
    everybody = pd.concat([made, usual], ignore_index=True)
    classes = funnel(everybody["met"], everybody["judged"], centre=NATIONAL.share)
    made["funnel"] = classes["place"].astype(str)[: len(made)].where(~hidden, "")
    made["size"], made["arrow"], made["rules"] = made["judged"], "", "rounded"
    made["standing"] = standings(made)
    made["address"] = [f"/communes/{code}/" for code in made["code"]]
    return made


def mixed() -> pd.DataFrame:
    return table(
        ("010201", "Good", 999, 1000, "full"),
        ("010202", "Usual", 80, 100, "full"),
        ("010203", "Poor", 100, 1000, "full"),
        ("010204", "Small", 9, 12, "pale"),
        ("010205", "Tiny", 3, 7, "too_few"),
        ("010206", "Silent", 0, 0.0001, "no_data"),
    )
