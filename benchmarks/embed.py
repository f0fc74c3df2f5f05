"""A released figure's requests a second beside those of a bare static file (goal: ratio 0.5).

``value`` is requests a second of the JSON of a released figure, embedded by other sites, over
kept-alive connections of four clients; ``against`` that of a static file, measured in turn in the
same run. Size: ``BENCH_CASES`` (default 100,000); a reader costs the same with any.
"""

import os

from benchmarks import _released, field, nation

CLIENTS, SECONDS, TURNS = 4, 4.0, 3
FIGURE = "/released/en/2026-Q1/commune/CA-C1/all/province/all.json"
FILE = "/static/pages/mark.svg"


def main() -> None:
    """Release a quarter, serve, request both addresses in turn."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["ALLOWED_HOSTS"] = "localhost,127.0.0.1"
    _released.open_released(nation.cases_wanted(100_000), ("2026-Q1",))
    try:
        with field.web_server() as port:
            rates: dict[str, list[float]] = {FIGURE: [], FILE: []}
            for path in (FIGURE, FILE) * 3:  # both workers have made it once
                _released.ask_once(port, _released.wire(path))
            for _turn in range(TURNS):
                for path, result in rates.items():
                    taken = _released.read(port, [_released.wire(path)], CLIENTS, SECONDS)
                    result.append(len(taken[0]) / SECONDS)
        for path, result in rates.items():
            print(f"{path}: {', '.join(f'{rate:.0f}' for rate in result)} requests a second")
        nation.say("embed", max(rates[FIGURE]), "requests/s", max(rates[FILE]))
    finally:
        nation.drop_unless_kept()


if __name__ == "__main__":
    main()
