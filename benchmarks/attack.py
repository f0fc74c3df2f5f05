"""Attack on released figures, which must fail: demo, both quarters, several secrets.

``value`` is the number of hidden or small numbers that a reader can pin to one value; the goal is
0. Printed before: what was attacked, what is known to two values (at most 5 a quarter) and the
experiments of docs/decisions/0031-rounded-release.md. ``ATTACK_SECRETS`` names the secrets:
"1,2,3,4,5" by default, each about five minutes. The demo is made once and kept.
"""

import os
from importlib import import_module
from typing import Any

from benchmarks.nation import _connect, clock, say

UNTIL = os.environ.get("ATTACK_UNTIL", "2026-11-30")
DEMO: dict[str, Any] = {"cases": 20_000, "provinces": 3, "seed": 1, "until": UNTIL}
QUARTERS = ("2026-Q2", "2026-Q3")


def open_demo() -> None:
    """Connect Django to a database of the demo with its scores; nothing is released in it."""
    fresh = _connect("bench_attack", unless_it_says=f"demo {DEMO}")
    import django

    django.setup()
    from django.core.management import call_command, get_commands
    from django.db import connection

    call_command("migrate", verbosity=0)
    if not fresh:
        return
    with clock("demo"):
        for command in ("load_country", "load_roles"):
            call_command(command, verbosity=0)
        call_command("demo", **DEMO)
        later = {name for name in get_commands() if name.startswith("load_")}
        for command in sorted(later - {"load_country", "load_roles"}):
            call_command(command, verbosity=0)
    with clock("scores"):
        call_command("score")
    with connection.cursor() as cursor:
        name, described = connection.settings_dict["NAME"], f"demo {DEMO}".replace("'", "''")
        cursor.execute(f"COMMENT ON DATABASE \"{name}\" IS '{described}'")


def main() -> None:
    """Attack every secret; print the table, and last the line for machines."""
    open_demo()
    report = import_module("scorecards.tests.attack.report")

    secrets = [int(number) for number in os.environ.get("ATTACK_SECRETS", "1,2,3,4,5").split(",")]
    report.prints(QUARTERS, secrets)
    result = report.full(QUARTERS, secrets)
    say("attack", result, "numbers known exactly")


if __name__ == "__main__":
    main()
