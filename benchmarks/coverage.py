"""Validation: how often intervals hold the truth, and how often an average commune is accused.

Not a speed but a simulation, with the platform's own functions: nations of communes
whose true shares are known, cases in clusters with a given rho. ``value`` is the lowest mean
coverage in per cent of any band (10 to 14, 15 to 29, 30 to 59, 60 and more judged), rho
(0 to 0.2) and way of clustering (equal, unequal, half small and half large clusters), over
true shares of 0.05 to 0.95; the goal is 93 to 97 for each of them. ``against`` is the goal of
93. The false alarms at 99.8% among communes that do not differ follow; goal: under 0.4% each.
Size: ``BENCH_COMMUNES`` of each band and true share (default 1,500); some minutes.
"""

import os
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "platform"))

WAYS = ("equal", "unequal", "far_apart")


def main() -> None:
    """Print both tables and the figure."""
    from benchmarks import nation

    communes = int(os.environ.get("BENCH_COMMUNES", "1500"))
    means = _coverage(communes)
    highest = _false_alarms(4 * communes)
    print(f"coverage {min(means):.2f} to {max(means):.2f}% (goal: 93 to 97)")
    print(f"false alarms at most {highest:.3f}% (goal: under 0.4)")
    nation.say("coverage", min(means), "%", 93.0)


def _coverage(communes: int) -> list[float]:
    from scorecards.tests import simulated

    results = []
    for way in WAYS:
        for rho in simulated.RHOS:
            rng = np.random.default_rng(2026)
            table = simulated.coverage(rng, rho, getattr(simulated, way), communes)
            by_band = 100 * table.groupby("band", sort=False)["held"].mean()
            by_half = 100 * table.groupby("half")["held"].mean()
            cells = table.groupby(["band", "share"], sort=False)["held"].mean()
            bands = ", ".join(f"{band}: {held:.1f}" for band, held in by_band.items())
            halves = " and ".join(f"{held:.1f}" for held in by_half)
            print(
                f"{way}, rho {rho}: {bands}; large and small clusters {halves}; "
                f"single shares from {100 * cells.min():.1f} to {100 * cells.max():.1f}",
                flush=True,
            )
            results += list(by_band)
    return results


def _false_alarms(communes: int) -> float:
    from scorecards.tests import simulated

    highest = 0.0
    for way in WAYS:
        for rho in simulated.RHOS:
            rng, rates = np.random.default_rng(1652), []
            for share in simulated.SHARES:
                far, drawn = simulated.false_alarms(
                    rng, share, rho, getattr(simulated, way), communes
                )
                rates.append(100 * far / drawn if drawn else np.nan)
            # Where similar answers reduce the effective number, no commune of an extreme share is
            # compared.
            text = ", ".join("none drawn" if np.isnan(rate) else f"{rate:.2f}" for rate in rates)
            print(f"false alarms, {way}, rho {rho}, by share: {text}%", flush=True)
            highest = max(highest, float(np.nanmean(rates)))
    return highest


if __name__ == "__main__":
    main()
