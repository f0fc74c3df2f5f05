"""The end of a day: tablets send records with two photos each while people read pages.

``value`` is the 95th percentile, in milliseconds, of a record's answer; goal: under 2,000. Short by
default (50 tablets with 4 records each, 10 readers); ``EVENING=full``: 500 tablets with 20 records
each, 50 readers. Every record must be accepted and stored once; the memory of the web processes is
printed before, every minute and afterwards. Tablets come within ``BENCH_SECONDS`` (10; full: 600),
as they do when facilitators come home, not in the same instant.
"""

import os
import random
import threading
import time
from http.client import HTTPConnection, HTTPException
from uuid import uuid4

from benchmarks import field
from benchmarks.nation import drop_unless_kept, say

FULL = os.environ.get("EVENING") == "full"
TABLETS, RECORDS, READERS = (500, 20, 50) if FULL else (50, 4, 10)
SECONDS = float(os.environ.get("BENCH_SECONDS", "600" if FULL else "10"))
PHOTO_BYTES = 60_000
"""A photo as ODK Collect sends it at image_size "small"."""
PAGES = ("/", "/compare/", "/services/", "/sign-in/")
GOAL = 2000


class Evening:
    """The requests and answers of the run, shared by all threads."""

    def __init__(self, port: int, path: str) -> None:
        self.port, self.path = port, path
        self.taken: list[float] = []
        self.pages: list[float] = []
        self.wrong: list[str] = []
        self.sent: set[str] = set()
        self.ended = threading.Event()

    def tablet(self, number: int) -> None:
        """Start at a moment of its own and send everything over one connection."""
        draw = random.Random(number)
        time.sleep(draw.random() * SECONDS)
        line = HTTPConnection("127.0.0.1", self.port, timeout=120)
        for _record in range(RECORDS):
            instance = f"uuid:{uuid4()}"
            body = _body(instance, draw)
            start = time.perf_counter()
            try:
                line.request("POST", self.path, body, _HEADERS)
                answer = line.getresponse()
                answer.read()
            except (OSError, HTTPException) as trouble:
                self.wrong.append(type(trouble).__name__)
                line.close()
                continue
            self.taken.append(1000 * (time.perf_counter() - start))
            if answer.status == 201:
                self.sent.add(instance)
            else:
                self.wrong.append(str(answer.status))
        line.close()

    def reader(self, number: int) -> None:
        """Read a page, look at it for a few seconds, read the next."""
        draw = random.Random(-number - 1)
        line = HTTPConnection("127.0.0.1", self.port, timeout=120)
        while not self.ended.wait(draw.uniform(1, 3)):
            start = time.perf_counter()
            try:
                line.request("GET", draw.choice(PAGES))
                answer = line.getresponse()
                answer.read()
            except (OSError, HTTPException) as trouble:
                self.wrong.append(type(trouble).__name__)
                line.close()
                continue
            self.pages.append(1000 * (time.perf_counter() - start))
            if answer.status >= 500:
                self.wrong.append(f"page {answer.status}")
        line.close()


_HEADERS = {
    "X-OpenRosa-Version": "1.0",
    "Content-Type": f"multipart/form-data; boundary={field.BOUNDARY}",
}


def _body(instance: str, draw: random.Random) -> bytes:
    """Return a record of the large form and two photos, all different."""
    parts = [("xml_submission_file", "record.xml", "text/xml", field.record("large", instance))]
    for name in ("one.jpg", "two.jpg"):
        photo = b"\xff\xd8\xff\xe0" + draw.randbytes(PHOTO_BYTES)
        parts.append((name, name, "image/jpeg", photo))
    body = b""
    for name, file, kind, content in parts:
        head = f'--{field.BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; '
        head += f'filename="{file}"\r\nContent-Type: {kind}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    return body + f"--{field.BOUNDARY}--\r\n".encode()


def main() -> None:
    """Send everything, check what is stored, print the figure."""
    field.open_field("bench_evening")
    from surveys.models import Submission

    programme, token = field.prepare_forms()
    with field.web_server() as port:
        evening = Evening(port, f"/v1/key/{token}/projects/{programme.pk}/submission")
        before = _memory(port)
        readers = [threading.Thread(target=evening.reader, args=[n]) for n in range(READERS)]
        tablets = [threading.Thread(target=evening.tablet, args=[n]) for n in range(TABLETS)]
        watch = threading.Thread(target=_watch, args=[evening])
        for thread in [watch, *readers, *tablets]:
            thread.start()
        for thread in tablets:
            thread.join()
        evening.ended.set()
        for thread in readers:
            thread.join()
        after = _memory(port)
        watch.join()
    stored = set(Submission.objects.values_list("instance_id", flat=True))
    if evening.wrong or evening.sent != stored or len(stored) != TABLETS * RECORDS:
        raise SystemExit(f"{len(evening.wrong)} wrong answers: {sorted(set(evening.wrong))}")
    print(
        f"{len(evening.sent)} records with 2 photos accepted and stored once; {len(evening.pages)} "
        f"pages, 95th percentile {_p95(evening.pages):.0f} ms; web processes {before:.0f} MB, "
        f"then {after:.0f} MB (goal: records under {GOAL} ms)"
    )
    drop_unless_kept()
    say("evening", _p95(evening.taken), "ms")


def _p95(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.95)] if taken else 0.0


def _watch(evening: Evening) -> None:
    """Print every minute how much memory the web processes have, until the evening has ended."""
    start = time.monotonic()
    while not evening.ended.wait(60):
        minutes = (time.monotonic() - start) / 60
        megabytes = _memory(evening.port)
        print(f"{minutes:3.0f} min: {len(evening.sent):6,} records, {megabytes:.0f} MB", flush=True)


def _memory(port: int) -> float:
    """Return megabytes of the web server on this port and its workers."""
    import psutil

    total = 0
    for child in psutil.Process().children():
        if str(port) in child.cmdline():
            total += sum(one.memory_info().rss for one in [child, *child.children(recursive=True)])
    return total / 2**20


if __name__ == "__main__":
    main()
