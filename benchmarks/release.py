"""The suppression and audit of one quarter's national release, in seconds.

Size: ``BENCH_CASES`` (default 10,000,000); goal: under 300 s. Printed beside it: the
attack on what is stored, which is made once more before it is published.
"""

from benchmarks import nation


def main() -> None:
    """Run it and print the figure."""
    nation.open_nation(nation.cases_wanted(10_000_000), scored=True)
    from django.db import transaction

    from scorecards import auditing, releasing

    with nation.clock("suppression and audit") as taken:
        release = releasing.prepare(releasing.begin(by=None, period="2026-Q1").pk)
    print(f"{release.cells} cells, {release.hidden} hidden, {release.breaches} breaches")
    with nation.clock("attacked again, as before publishing"), transaction.atomic():
        leaks = auditing.leaks(release)
    if leaks or release.breaches:
        raise SystemExit(f"{leaks or release.breaches} cells could be worked out")
    nation.drop_unless_kept()
    nation.say("release", taken[0], "s")


if __name__ == "__main__":
    main()
