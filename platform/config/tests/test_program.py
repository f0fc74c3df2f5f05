"""One program at a time, as units and containers start them."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from config.running import programs


def test_each_program_becomes_the_process_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(programs, "METRICS", tmp_path / "metrics")
    ran: list[Any] = []
    monkeypatch.setattr(os, "execve", lambda *what: ran.append(what))
    monkeypatch.setenv("PORT", "8123")
    for name, command in programs.commands("127.0.0.1", 8123).items():
        call_command("program", name)
        assert ran[-1][:2] == (command[0], command)
        assert Path(ran[-1][2]["PROMETHEUS_MULTIPROC_DIR"]).is_dir()
    with pytest.raises(CommandError, match="There is no program “nothing”: choose from web, "):
        call_command("program", "nothing")


def test_counts_of_processes_that_are_gone_are_dropped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(programs, "METRICS", tmp_path)
    living, gone = tmp_path / f"counter_{os.getpid()}.db", tmp_path / "counter_4999999.db"
    living.touch()
    gone.touch()
    programs.keep_counts()
    assert living.exists()
    assert not gone.exists()
