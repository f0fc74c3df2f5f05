"""The files of an installation name programs, commands, folders and variables that exist."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

from config.queues import QUEUES
from config.running import programs
from conftest import ROOT

INSTALL = ROOT / "install"
UNITS = sorted((INSTALL / "systemd").iterdir())
FILES = [ROOT / "Dockerfile", ROOT / "compose.yaml", INSTALL / "debian.sh", *UNITS]


def read_by_the_code() -> set[str]:
    """Every variable that the code asks for."""
    names: set[str] = set()
    for folder in ("platform", "surveys", "scorecards"):
        for path in (ROOT / folder).rglob("*.py"):
            if "tests" not in path.parts and "node_modules" not in path.parts:
                text = path.read_text()
                names |= set(re.findall(r'environ(?:\.get)?[\[(]"([A-Z0-9_]+)"', text))
                names |= set(re.findall(r'_(?:strong|day)\("([A-Z0-9_]+)"', text))
    return names


def test_every_program_is_named_and_every_queue_has_a_worker() -> None:
    commands = set(programs.commands("127.0.0.1", 8000))
    compose = (ROOT / "compose.yaml").read_text()
    named = set(re.findall(r"\[program, (\w+)\]", compose))
    assert named == commands
    target = (INSTALL / "systemd" / "keep-its-word.target").read_text()
    assert set(re.findall(r"worker@(\w+)\.service", target)) == set(QUEUES)
    units = {unit.name for unit in UNITS}
    wanted = {re.sub(r"@\w+", "@", name) for name in re.findall(r"keep-its-word-[\w@.]+", target)}
    assert wanted <= units


def test_every_command_exists() -> None:
    commands = set(get_commands())
    texts = [path.read_text() for path in FILES]
    texts += [path.read_text() for path in (ROOT / "docs" / "install").iterdir()]
    for text in texts:
        for pattern in (r"manage\.py (\w+)", r"install/manage (\w+)", r"run --rm web (\w+)"):
            assert set(re.findall(pattern, text)) - {"COMMAND"} <= commands, text[:60]


def test_every_variable_is_one_that_the_code_reads() -> None:
    existing = read_by_the_code() | {"PYTHONDONTWRITEBYTECODE", "POSTGRES_PASSWORD"}
    existing |= {"RABBITMQ_PASSWORD", "BACKUP_FOLDER", "MEDIA_ROOT"}
    compose = (ROOT / "compose.yaml").read_text()
    block = compose.split("x-worker")[0].split("environment:")[1].split("volumes:")[0]
    assert set(re.findall(r"^    ([A-Z_]+):", block, re.MULTILINE)) <= existing
    example = (INSTALL / "environment.example").read_text()
    assert set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) <= existing
    script = (INSTALL / "debian.sh").read_text().split("<<END\n")[1].split("\nEND")[0]
    written = set(re.findall(r"^([A-Z_]+)=", script, re.MULTILINE))
    assert written <= existing
    assert {"SECRET_KEY", "CONTACT_KEY", "ROUNDING_SECRET", "DATABASE_URL", "BROKER_URL"} <= written


def test_what_the_image_copies_holds_no_data_and_no_keys() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", "var", ".git"} <= set(ignored)


def test_the_script_is_a_shell_script() -> None:
    for name in ("debian.sh", "manage"):
        subprocess.run(["bash", "-n", INSTALL / name], check=True)
        assert os.access(INSTALL / name, os.X_OK)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_reads_the_units(tmp_path: Path) -> None:
    """The programs are not installed here: that is all it may complain about."""
    for unit in UNITS:
        shutil.copy(unit, tmp_path / unit.name.replace("@", "@heavy"))
    completed = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(map(str, tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in completed.stderr.splitlines() if "keep-its-word" in line]
    assert not [line for line in lines if "is not executable" not in line]


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_nginx_reads_its_configuration(tmp_path: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x"]
    for name in ("fullchain", "privkey"):
        (tmp_path / f"{name}.pem").touch()
    out = ["-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"]
    subprocess.run([*command, *out], check=True, capture_output=True)
    site = (INSTALL / "nginx.conf").read_text().replace("/etc/keep-its-word/tls", str(tmp_path))
    site = re.sub(r"listen \[::\].*\n", "\n", site)
    total = tmp_path / "nginx.conf"
    total.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{site}\n}}\n")
    completed = subprocess.run(
        ["nginx", "-t", "-p", tmp_path, "-c", total, "-e", tmp_path / "errors"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
