"""Records a second at the submission address: small and 59 questions, 1 and 8 clients.

``value`` is the large form with 8 clients; ``against`` a bare Django view that stores the
same rows on the same web server in the same run. Goal: 450 a second, p95 under 45 ms.
Every record is new, and each answer is 201. ``BENCH_SECONDS`` for each measurement (5).
"""

import os
from collections.abc import Callable
from statistics import median

from benchmarks import field
from benchmarks.nation import drop_unless_kept, say

TURNS = 3


def _wire(path: str, form: str) -> Callable[[], bytes]:
    """Return new records with new ids; the rest of the bytes is made once."""
    from uuid import uuid4

    mark = b"uuid:" + b"0" * 36
    template = field.request(path, field.record(form, mark.decode()))
    return lambda: template.replace(mark, b"uuid:" + str(uuid4()).encode())


def main() -> None:
    """Measure, print every figure, and last the line for machines."""
    seconds = float(os.environ.get("BENCH_SECONDS", "5"))
    field.open_field("bench_submissions")
    try:
        programme, token = field.prepare_forms()
        address = f"/v1/key/{token}/projects/{programme.pk}/submission"
        with (
            field.web_server() as port,
            field.web_server("benchmarks.bare_arrival:application") as bare,
        ):
            field.measure(port, 8, 1.0, _wire(address, "large"))
            field.measure(bare, 8, 1.0, _wire("/bare", "large"))
            for form, clients in (("small", 1), ("small", 8), ("large", 1)):
                rate, p95 = field.measure(port, clients, seconds, _wire(address, form))
                print(f"{form}, {clients} clients: {rate:.0f} a second, p95 {p95:.1f} ms")
            ours, theirs = [], []
            # turn and turn about, so that what else the machine does troubles both alike
            for _turn in range(TURNS):
                ours.append(field.measure(port, 8, seconds, _wire(address, "large")))
                theirs.append(field.measure(bare, 8, seconds, _wire("/bare", "large")))
        value, p95 = (median(x) for x in zip(*ours, strict=True))
        print(f"large, 8 clients: {value:.0f} a second, p95 {p95:.1f} ms")
        against, p95 = (median(x) for x in zip(*theirs, strict=True))
        print(f"bare view, large, 8 clients: {against:.0f} a second, p95 {p95:.1f} ms")
        from surveys.models import Submission

        print(f"{Submission.objects.count()} rows")
    finally:
        drop_unless_kept()
    say("submissions", value, "per second", against)


if __name__ == "__main__":
    main()
