"""The suppression and audit of one quarter's national release, in seconds.

Size: ``BENCH_CASES`` (default 10,000,000); goal: under 300 s.
"""

from benchmarks import nation


def main() -> None:
    """Run it and print the figure."""
    nation.open_nation(nation.cases_wanted(10_000_000), scored=True)
    from scorecards import releasing

    with nation.clock("suppression and audit") as taken:
        release = releasing.prepare(releasing.begin(by=None, period="2026-Q1").pk)
    print(f"{release.cells} cells, {release.hidden} hidden, {release.breaches} breaches")
    nation.drop_unless_kept()
    nation.say("release", taken[0], "s")


if __name__ == "__main__":
    main()
