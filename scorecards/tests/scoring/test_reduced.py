"""A puzzle in few unknowns has the answers it has with all of them."""

import time

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped]

from scorecards.scoring.arrays import Floats
from scorecards.scoring.disclosure import audit, suppress
from scorecards.scoring.lattice import ALL
from scorecards.scoring.vocabulary import Status

DIMS = ["province", "commune", "service"]
MARGINS = [("province", "commune"), ("province", "service"), ("province",), ("service",), ()]
MOST = 3000.0


def thin_table(
    seed: int, communes: int, services: int, *, per_province: int, mean: float
) -> pd.DataFrame:
    """Counts of which most are hidden, their totals too; some services never met."""
    generator = np.random.default_rng(seed)
    number = np.repeat(np.arange(communes), services)
    judged = generator.poisson(mean, number.size)
    share = generator.choice([0.0, 0.05, 0.5, 0.95], services)[np.tile(range(services), communes)]
    table = pd.DataFrame(
        {
            "province": [f"{n // per_province:02d}" for n in number],
            "commune": [f"{n:06d}" for n in number],
            "service": [f"s{n}" for n in np.tile(range(services), communes)],
            "judged": judged,
            "met": generator.binomial(judged, share),
        }
    )
    return table[table["judged"] > 0]


def naive_ranges(released: pd.DataFrame) -> pd.DataFrame:
    """The same by integer programming over every finest cell, nothing merged or replaced."""
    base = released[~(released[DIMS] == ALL).any(axis=1)]
    covers = np.ones((len(released), len(base)))
    for name in DIMS:
        own, parts = released[name].to_numpy(), base[name].to_numpy()
        covers *= (own[:, None] == ALL) | (own[:, None] == parts)
    met, missed = np.hstack([covers, 0 * covers]), np.hstack([0 * covers, covers])
    rows: list[Floats] = []
    low: list[float] = []
    high: list[float] = []
    for at, cell in enumerate(released.to_dict("records")):
        if cell["status"] == Status.SHOWN:
            rows += [met[at], missed[at]]
            low += [cell["met"], cell["judged"] - cell["met"]]
            high += low[-2:]
        elif cell["status"] == Status.UNDER_THREE:
            rows += [met[at] if cell["share_low"] == 0 else missed[at], met[at] + missed[at]]
            low += [0.0, cell["judged"]]
            high += [2.0, cell["judged"]]
    limits = LinearConstraint(np.array(rows), low, high)

    def end(weights: Floats) -> float:
        found = milp(
            weights,
            constraints=limits,
            integrality=np.ones(weights.size),
            bounds=Bounds(0, MOST),
        )
        return float(round(found.fun))

    told = []
    for hidden in np.flatnonzero((released["status"] != Status.SHOWN).to_numpy()):
        asked = (met[hidden] + missed[hidden], met[hidden], missed[hidden])
        told.append([value for each in asked for value in (end(each), -end(-each))])
    names = ["low", "high", "met_low", "met_high", "not_met_low", "not_met_high"]
    return pd.DataFrame(told, columns=pd.Index(names))


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([2.0, 5.0, 9.0]), st.booleans())
def test_few_unknowns_have_the_ranges_of_all_of_them(
    seed: int, mean: float, secondary: bool
) -> None:
    table = thin_table(seed, 6, 3, per_province=3, mean=mean)
    released = suppress(table, MARGINS, dims=DIMS, secondary=secondary)
    report = audit(released, exact_below=10_000)
    expected = naive_ranges(released)
    found = report[list(expected.columns)].clip(upper=MOST)
    endless = expected >= MOST - 500
    pd.testing.assert_frame_equal(
        found.mask(endless, MOST), expected.mask(endless, MOST), check_dtype=False
    )


def test_a_country_of_which_nearly_everything_is_hidden_takes_seconds() -> None:
    table = thin_table(5, 1650, 4, per_province=66, mean=3.7)
    started = time.process_time()
    released = suppress(table, MARGINS, dims=DIMS)
    report = audit(released)
    assert not report["breach"].any()
    assert (report["of"] == "release").all()
    assert len(report) > 8000
    assert time.process_time() - started < 15
