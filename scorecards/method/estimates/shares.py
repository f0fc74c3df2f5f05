"""Shares with their interval and the status a reader is shown (method, section 2)."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from scorecards.method.arrays import floats, pick_template
from scorecards.method.estimates.intervals import wilson
from scorecards.method.vocabulary import Status

LEAST_JUDGED = 10
FULL_JUDGED = 30


def share_status(judged: ArrayLike | pd.Series) -> NDArray[np.object_]:
    """Return status by number of judged cases: none, too few (1-9), pale (10-29), full (30+).

    An array of any shape in, an object array of ``Status`` of that shape out. A missing
    count counts as none.
    """
    counts = np.nan_to_num(floats(judged), nan=0.0)
    answer = np.full(counts.shape, Status.NO_DATA, dtype=object)
    answer[counts > 0] = Status.TOO_FEW
    answer[counts >= LEAST_JUDGED] = Status.PALE
    answer[counts >= FULL_JUDGED] = Status.FULL
    return answer


def shares(
    met: ArrayLike | pd.Series,
    judged: ArrayLike | pd.Series,
    *,
    deff: ArrayLike | pd.Series = 1.0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return one row per cell: share, low, high (0..1), status, deff; the index of the input.

    Share and interval are NaN below ten judged cases. The status follows the number of
    cases judged, the interval the number they are worth (judged / deff).
    """
    successes, trials = np.atleast_1d(floats(met)), np.atleast_1d(floats(judged))
    low, high = wilson(successes, trials, level, deff=deff)
    enough = np.nan_to_num(trials, nan=0.0) >= LEAST_JUDGED
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(enough, successes / trials, np.nan)
    form = pick_template(met, judged)
    return pd.DataFrame(
        {
            "share": share,
            "low": np.where(enough, low, np.nan),
            "high": np.where(enough, high, np.nan),
            "status": share_status(trials),
            "deff": np.broadcast_to(floats(deff), trials.shape),
        },
        index=form.index if isinstance(form, pd.Series) else None,
    )
