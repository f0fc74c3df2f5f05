"""The comparison of two versions of a benchmark: medians, ratio, spread, and the verdict."""

from pathlib import Path

import pytest

from benchmarks.both import Version, compared


def _version(unit: str, *values: float) -> Version:
    results = [{"value": value, "unit": unit} for value in values]
    return Version(Path(), "score", results)


@pytest.mark.parametrize(
    ("unit", "new", "old", "ratio", "within"),
    [
        ("s", (11, 10, 12), (10, 9, 11), 1.1, True),  # a tenth slower, a fifth of spread
        ("s", (13, 13, 13), (10, 10, 10), 1.3, False),  # slower without any spread
        ("s", (7, 7, 7), (10, 10, 10), 0.7, True),  # quicker
        ("per second", (7, 7, 7), (10, 10, 10), 0.7, False),  # fewer a second: slower
        ("requests/s", (13, 13, 13), (10, 10, 10), 1.3, True),  # more a second: quicker
    ],
)
def test_a_version_is_within_noise_if_it_is_slower_by_less_than_the_spread(
    unit: str, new: tuple[float, ...], old: tuple[float, ...], ratio: float, within: bool
) -> None:
    line = compared(_version(unit, *new), _version(unit, *old))
    assert (line["ratio"], line["within_noise"]) == (ratio, within)
    assert line["old"] == list(old)
    assert line["new"] == list(new)
