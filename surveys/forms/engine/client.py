"""Call the form engine, which runs in a child process of this one.

A child process and not V8 in this one: a form or record that makes V8 crash, loop or fill its
memory ends the child, and the caller gets an exception for that one call. V8 is not loaded before a
fork, so Celery's prefork pool is safe.
"""

import atexit
import hashlib
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
SCRIPT = _HERE.parent / "dist" / "engine.js"
"""The tablet's engine as ``make`` builds it (surveys/tablet/frontend/src/engine)."""


@cache
def version() -> str:
    """Return the version of the engine's built script, a hash of it.

    Return "" where it is not built.
    """
    try:
        return hashlib.sha256(SCRIPT.read_bytes()).hexdigest()[:16]
    except OSError:
        return ""


_GRACE = 5.0
"""Seconds beyond a call's own limit after which the child is killed."""
_START = 30.0
"""Seconds that the first answer may take longer: reading the script on a busy machine."""


class EngineError(ValueError):
    """The engine refused what it was asked: an expression or a form that cannot be run."""


class TooCostlyError(EngineError):
    """A call ran out of time or memory; the engine itself goes on."""


class UnknownError(EngineError):
    """The engine was not given the form or list with this name, or has forgotten it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class EngineUnavailableError(RuntimeError):
    """The engine cannot be started here, or ended without an answer."""


class _GoneError(Exception):
    """The child ended while it was asked."""


class Engine:
    """One child process with the engine; started by the first call, again when it ended.

    Calls of several threads wait for each other. After a fork the child belongs to the
    parent, and this process starts its own.
    """

    def __init__(self, script: Path = SCRIPT) -> None:
        self._script = script
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def call(self, name: str, /, *, seconds: float = 5.0, **about: Any) -> Any:
        """Return the value of one call of ``calls.js``.

        Raises EngineError, TooCostlyError after ``seconds``, EngineUnavailableError.
        """
        # "seconds" first: the program reads it without reading the rest
        request = json.dumps({"seconds": seconds, "call": name, **about}, ensure_ascii=False)
        body = request.encode("utf-8", "surrogatepass")
        with self._lock:
            try:
                answer = json.loads(self._ask(body, seconds))
            except _GoneError as trouble:
                sentence = "The form engine ended without an answer."
                raise EngineUnavailableError(sentence) from trouble
            if answer.get("failed") == "memory":
                self._end()  # its heap stays full
        if "failed" in answer:
            if answer["failed"] == "unknown":
                raise UnknownError(answer["name"])
            if answer["failed"] in {"timeout", "memory"}:
                raise TooCostlyError(answer["message"])
            raise EngineError(answer["message"])
        return answer["value"]

    def call_with(
        self, contents: Mapping[str, Callable[[], Any]], name: str, *, seconds: float, **about: Any
    ) -> Any:
        """Call ``name`` with forms and lists: ``contents`` has a function for each by its name.

        They are given to the engine when it asks for them: once, as long as it keeps them.
        """
        for _turn in range(len(contents) + 1):
            try:
                return self.call(name, seconds=seconds, **about)
            except UnknownError as unknown:
                content = contents[unknown.name]()
                self.call("keep", name=unknown.name, content=content, seconds=30.0)
        raise EngineUnavailableError("The form engine does not keep what it is given.")

    def close(self) -> None:
        """End the child, if there is one."""
        with self._lock:
            self._end()

    def _ask(self, body: bytes, seconds: float) -> bytes:
        until = time.monotonic() + seconds + _GRACE
        child = self._child
        if child is None or self._owner != os.getpid() or child.poll() is not None:
            child = self._start()
            until += _START
        assert child.stdin is not None
        try:
            child.stdin.write(len(body).to_bytes(4, "big") + body)
            child.stdin.flush()
            head = self._receive(child, 4, until)
            return self._receive(child, int.from_bytes(head, "big"), until)
        except (BrokenPipeError, _GoneError) as trouble:
            self._end()
            raise _GoneError from trouble
        except BaseException:
            # a late answer must not be taken for that of the next call
            self._end()
            raise

    @staticmethod
    def _receive(child: "subprocess.Popen[bytes]", length: int, until: float) -> bytes:
        assert child.stdout is not None
        parts: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while length:
                if not selector.select(max(until - time.monotonic(), 0)):
                    raise TooCostlyError("The form engine was stopped: it took too long.")
                part = os.read(child.stdout.fileno(), min(length, 1 << 20))
                if not part:
                    raise _GoneError
                parts.append(part)
                length -= len(part)
        return b"".join(parts)

    def _start(self) -> "subprocess.Popen[bytes]":
        self._end()
        if not self._script.is_file():
            raise EngineUnavailableError("The form engine is not built: run `make setup`.")
        scripts = [str(self._script), str(_HERE / "calls.js")]
        environment = {**os.environ, "TZ": "Asia/Phnom_Penh"}
        self._child = subprocess.Popen(
            [sys.executable, "-I", str(_HERE / "program.py"), *scripts],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            bufsize=-1,
            start_new_session=True,  # Ctrl-C is for this process, which then closes the pipe
        )
        self._owner = os.getpid()
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        mine = self._owner == os.getpid()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass  # it ended before it read everything
        if mine:
            child.kill()
            child.wait()
        else:
            child.returncode = 0  # another process's child, of which no warning is due


@cache
def engine() -> Engine:
    """Return the engine of this process, which ends with it."""
    made = Engine()
    atexit.register(made.close)
    return made
