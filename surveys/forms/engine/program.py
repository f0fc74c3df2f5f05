"""Run the form engine's script in V8 and answer calls on standard input and output.

Started by ``surveys.forms.engine.client`` with the paths of the scripts to load; imports
neither Django nor anything of this repository, so that it starts in a tenth of a second.
A frame is four bytes of length (big-endian) and UTF-8 JSON. A request is
``{"seconds": 2.0, "call": "judge", ...}``; the answer is what ``calls.js`` returned, or
``{"failed": "timeout" | "memory" | "crash", "message": "..."}``. The program ends when its
input ends. After it ran out of memory its caller ends it: the heap stays full.
"""

import json
import sys
from pathlib import Path
from typing import BinaryIO

from py_mini_racer import (
    JSEvalException,
    JSFunction,
    JSTimeoutException,
    MiniRacer,
)

_MEMORY = 512 * 1024 * 1024
"""Bytes that V8's heap may reach; a form of 2,000 questions takes less than 60 MB."""


def _read(source: BinaryIO) -> str | None:
    head = source.read(4)
    if len(head) < 4:
        return None
    length = int.from_bytes(head, "big")
    body = source.read(length)
    return body.decode() if len(body) == length else None


def _write(out: BinaryIO, text: str) -> None:
    body = text.encode("utf-8", "surrogatepass")
    out.write(len(body).to_bytes(4, "big") + body)
    out.flush()


def _failed(how: str, message: str) -> str:
    return json.dumps({"failed": how, "message": message[:500]})


def main(scripts: list[str]) -> None:
    """Answer calls until the input ends."""
    source, out = sys.stdin.buffer, sys.stdout.buffer
    context = MiniRacer()
    context.set_hard_memory_limit(_MEMORY)
    for script in scripts:
        context.eval(Path(script).read_text(encoding="utf-8"))
    answer = context.eval("answerCall")
    assert isinstance(answer, JSFunction)
    while (request := _read(source)) is not None:
        seconds = float(json.loads(request[: request.index(",")] + "}")["seconds"])
        try:
            text = str(answer(request, timeout_sec=seconds))
        except JSTimeoutException:
            text = _failed("timeout", f"not done after {seconds} seconds")
        except JSEvalException as trouble:
            text = _failed("crash", str(trouble))
        # running out of memory is not always said as such
        full = context.was_hard_memory_limit_reached()
        _write(out, _failed("memory", "the memory was full") if full else text)


if __name__ == "__main__":
    main(sys.argv[1:])
