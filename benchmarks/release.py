"""A quarter's national release: counted, rounded, compared, written and checked, in seconds.

Size: ``BENCH_CASES`` (default 10,000,000); goal: under 10 s. ``value`` is all of it, with reading
it back and the second count and rounding.
"""

from benchmarks import nation

PERIOD = "2026-Q1"


def main() -> None:
    """Run it and print the figure."""
    nation.open_nation(nation.cases_wanted(10_000_000), scored=True)
    from scorecards.releases import lifecycle

    with nation.clock("release, checks included") as taken:
        release = lifecycle.prepare(lifecycle.begin(by=None, period=PERIOD).pk)
    print(f"{release.printed} cells printed; {release.breaches} checks failed {release.note}")
    if release.breaches:
        raise SystemExit("the release did not pass its checks")
    nation.drop_unless_kept()
    nation.say("release", taken[0], "s")


if __name__ == "__main__":
    main()
