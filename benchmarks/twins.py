"""Eight identical records at once, 20 times: how many answers outside 2xx, how many rows too many.

``value`` is their sum; the goal is 0 (ODK Central answers 409 to 67 of 160).
"""

import threading

from benchmarks import field
from benchmarks.nation import drop_unless_kept, say

ROUNDS, TWINS = 20, 8


def main() -> None:
    """Race, count, and print last the line for machines."""
    field.open_field("bench_twins")
    try:
        programme, token = field.prepare_forms()
        address = f"/v1/key/{token}/projects/{programme.pk}/submission"
        answers: list[int] = []
        with field.web_server() as port:
            lines = [field.Line(port) for _twin in range(TWINS)]
            for _round in range(ROUNDS):
                wire = field.request(address, field.record("large"))
                gate = threading.Barrier(TWINS)

                def send(
                    line: field.Line, wire: bytes = wire, gate: threading.Barrier = gate
                ) -> None:
                    gate.wait()
                    answers.append(line.ask(wire))

                threads = [threading.Thread(target=send, args=(line,)) for line in lines]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
        from surveys.models import Submission

        rows = Submission.objects.count()
        outside = sum(not 200 <= a < 300 for a in answers)
        fields = {a: answers.count(a) for a in sorted(set(answers))}
        print(f"{len(answers)} answers: {fields}; {rows} rows for {ROUNDS} records")
    finally:
        drop_unless_kept()
    say("twins", outside + abs(rows - ROUNDS), "wrong answers and rows", 67)


if __name__ == "__main__":
    main()
