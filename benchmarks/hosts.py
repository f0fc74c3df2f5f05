"""Three hosts on one machine: the network between them is cut under load, and nothing is lost.

Hosts are network namespaces of Linux, each with an address of its own on one bridge: ``data`` has
PostgreSQL, Valkey and an S3 server; ``one`` and ``two`` have web and workers, ``one`` also beat.
Tablets and the API send records, with photos, to both webs while scores are computed. Each host
is cut off for 20 seconds (``HOSTS_CUT``) in turn. Afterwards every acknowledged record exists once
and was read, and every score equals a second computation. Needs root and Debian's iproute2.

Prints one line for each cut and, last, one JSON line. Goals: lost 0, doubled 0, recovery 30 s.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks._fault_load import SEED, Acknowledged, Client, in_checkout, settled
from config.embedded.homes import Home, find_home
from config.embedded.valkey import packaged_program
from config.queues import CALLS, FORMS, HEAVY, RECORDS, SCORES, WEBHOOKS

ROOT = Path(__file__).resolve().parents[1]
BRIDGE = "kept-bridge"
NETWORK = "10.231.77"
HOSTS = {"data": 1, "one": 2, "two": 3}
PROGRAMS = {
    "one": ("web", CALLS, RECORDS, SCORES, HEAVY, "beat"),
    "two": ("web", RECORDS, FORMS, SCORES, HEAVY, WEBHOOKS),
}
CUT = float(os.environ.get("HOSTS_CUT", "20"))
KEYS = ("SECRET_KEY", "CONTACT_KEY", "ROUNDING_SECRET")
LONGEST = 240.0
GOAL = 30.0
PORT = 8000


def address(host: str) -> str:
    """Return the address of a host on the bridge."""
    return f"{NETWORK}.{HOSTS[host]}"


def ip(*words: str) -> None:
    """Run iproute2's ``ip``."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextmanager
def network() -> Iterator[None]:
    """Make a bridge and a namespace for each host; SystemExit where this machine allows none."""
    try:
        ip("link", "add", BRIDGE, "type", "bridge")
    except (OSError, subprocess.CalledProcessError) as trouble:
        raise SystemExit(f"No network namespaces here: {trouble}") from None
    try:
        ip("addr", "add", f"{NETWORK}.254/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for host in HOSTS:
            ip("netns", "add", f"kept-{host}")
            ip(
                "link",
                "add",
                f"kept-{host}",
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                f"kept-{host}",
            )
            ip("link", "set", f"kept-{host}", "master", BRIDGE, "up")
            inside = ("-n", f"kept-{host}")
            ip(*inside, "addr", "add", f"{address(host)}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                ip(*inside, "link", "set", device, "up")
        yield
    finally:
        for host in HOSTS:
            with suppress(subprocess.CalledProcessError):
                ip("netns", "del", f"kept-{host}")
        ip("link", "del", BRIDGE)


@contextmanager
def cut_off(host: str) -> Iterator[None]:
    """Stop all packets between this host and the others."""
    ip("link", "set", f"kept-{host}", "down")
    try:
        yield
    finally:
        ip("link", "set", f"kept-{host}", "up")


_INSIDE = ("ip", "netns", "exec")
_NAMED = ("unshare", "--uts", "sh", "-c", 'hostname "$0"; exec "$@"')
"""Workers are called by the name of their host."""


class Hosts:
    """The programs in the namespaces; all are stopped at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.started = folder, list[subprocess.Popen[bytes]]()

    def start(self, host: str, command: list[str], name: str, environment: dict[str, str]) -> None:
        """Start one program in one host."""
        with (self.folder / f"{host}-{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*_INSIDE, f"kept-{host}", *_NAMED, f"kept-{host}", *command],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        self.started.append(process)

    def stop(self) -> None:
        """Stop everything, the servers last."""
        for process in reversed(self.started):
            process.terminate()
        for process in reversed(self.started):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


_BARE = {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": "/"}
"""The environment of servers."""


def start_servers(hosts: Hosts) -> dict[str, str]:
    """Start PostgreSQL, Valkey and an S3 server in ``data``; return the variables naming them."""
    _start_postgres(hosts)
    valkey = [str(packaged_program()), "--bind", address("data"), "--protected-mode", "no"]
    valkey += ["--appendonly", "yes", "--dir", str(hosts.folder)]
    hosts.start("data", valkey, "valkey", _BARE)
    moto = [str(Path(sys.executable).with_name("moto_server")), "-H", address("data"), "-p", "9000"]
    hosts.start("data", moto, "s3", _BARE)
    return {
        "DATABASE_URL": f"postgresql://postgres@{address('data')}:5432/postgres",
        "BROKER_URL": f"redis://{address('data')}:6379/0",
        "CACHE_URL": f"redis://{address('data')}:6379/8",
        "MEDIA_S3_BUCKET": "kept-media",
        "MEDIA_S3_ENDPOINT": f"http://{address('data')}:9000",
        "MEDIA_S3_REGION": "us-east-1",
        "MEDIA_S3_ACCESS_KEY": "operator",
        "MEDIA_S3_SECRET_KEY": secrets.token_urlsafe(12),
        **{key: secrets.token_urlsafe(48) for key in KEYS},
        "ALLOWED_HOSTS": "*",
        "WORKERS": "1",
        "WEB_WORKERS": "1",
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/root"),
    }


def _start_postgres(hosts: Hosts) -> None:
    """Make a cluster and start it; connections of the network need no password."""
    var = hosts.folder / "var"
    var.mkdir()
    home: Home = find_home(var)
    data = hosts.folder / "postgres"
    data.mkdir(mode=0o700)
    account = home.account
    prefix: list[str] = []
    if account:
        os.chown(data, account.uid, account.gid)
        prefix = ["setpriv", f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    program = str(home.programs / "initdb")
    command = [*prefix, program, "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8"]
    subprocess.run(command, check=True, capture_output=True, env=_BARE, cwd=data)
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {NETWORK}.0/24 trust\n")
    options = ["-c", f"listen_addresses={address('data')}", "-c", f"unix_socket_directories={data}"]
    options += ["-c", "max_connections=200"]
    command = [*prefix, str(home.programs / "postgres"), "-D", str(data), *options]
    hosts.start("data", command, "postgres", _BARE)


def prepare(environment: dict[str, str]) -> None:
    """Wait for the servers, make the bucket and the tables."""
    make_bucket = (
        "import os, boto3\n"
        "e = os.environ\n"
        "boto3.client('s3', endpoint_url=e['MEDIA_S3_ENDPOINT'], region_name='us-east-1',\n"
        "    aws_access_key_id='operator', aws_secret_access_key=e['MEDIA_S3_SECRET_KEY'],\n"
        ").create_bucket(Bucket=e['MEDIA_S3_BUCKET'])\n"
    )
    wait(lambda: opens(5432) and opens(6379) and opens(9000), "the servers")
    python = [sys.executable, "-W", "ignore"]
    subprocess.run([*python, "-c", make_bucket], env=environment, check=True)
    for command in ("migrate", "prepare_static"):
        words = [*python, "manage.py", command, "--verbosity", "0"]
        subprocess.run(words, cwd=ROOT, env=environment, check=True)


def opens(port: int) -> bool:
    """Return whether a server of ``data`` takes connections."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address("data"), port)) == 0


def is_well(host: str) -> bool:
    """Return whether a web server of this host answers that everything is well."""
    try:
        with urllib.request.urlopen(f"http://{address(host)}:{PORT}/healthz", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wait(true: Callable[[], bool], what: str) -> float:
    """Wait until it is true; the seconds it took. SystemExit after ``LONGEST``."""
    start = time.monotonic()
    while not true():
        if time.monotonic() - start > LONGEST:
            raise SystemExit(f"waited {LONGEST:.0f} s in vain for {what}")
        time.sleep(0.1)
    return time.monotonic() - start


def serve(hosts: Hosts, environment: dict[str, str]) -> None:
    """Start web, workers and beat on their hosts; returns when both webs are well."""
    for host, names in PROGRAMS.items():
        here = {**environment, "HOST": address(host), "PORT": str(PORT)}
        for name in names:
            hosts.start(host, [sys.executable, "manage.py", "program", name], name, here)
    wait(lambda: all(is_well(host) for host in PROGRAMS), "both webs")


def load(acknowledged: Acknowledged, seed: dict[str, object]) -> list[Client]:
    """Tablets, readers and the API, at both webs."""
    clients = [
        Client(PORT, acknowledged, seed, kind, address(host))
        for host in PROGRAMS
        for kind in ("tablet", "case", "page")
    ]
    for client in clients:
        client.start()
    return clients


def cut_each(acknowledged: Acknowledged) -> dict[str, float]:
    """Cut each host off in turn; the seconds until both webs are well and take records again."""
    times = {}
    for host in HOSTS:
        before = acknowledged.acknowledged
        with cut_off(host):
            time.sleep(CUT)
            during = acknowledged.acknowledged - before
        start = time.monotonic()
        wait(lambda: all(is_well(one) for one in PROGRAMS), "both webs")
        so_far = acknowledged.acknowledged
        wait(lambda so_far=so_far: acknowledged.acknowledged > so_far, "a record")  # type: ignore[misc]
        times[host] = time.monotonic() - start
        print(
            f"{host:5} cut off for {CUT:.0f} s: {during} acknowledged meanwhile, everything runs "
            f"again after {times[host]:.1f} s",
            flush=True,
        )
    return times


def main() -> None:
    """Run it and print the figures."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything is taken down
    folder = Path(tempfile.mkdtemp(prefix="kept-hosts-"))
    folder.chmod(0o755)
    hosts = Hosts(folder)
    print(f"logs: {folder}", flush=True)
    with network():
        try:
            environment = start_servers(hosts)
            prepare(environment)
            seed = in_checkout(ROOT, SEED, environment)
            serve(hosts, environment)
            acknowledged = Acknowledged()
            clients = load(acknowledged, seed)
            wait(lambda: bool(acknowledged.records and acknowledged.cases), "the first records")
            times = cut_each(acknowledged)
            for client in clients:
                client.ended.set()
            for client in clients:
                client.join()
            lost, doubled = settled(ROOT, acknowledged, environment)
        finally:
            hosts.stop()
    result = {
        "cuts": len(times),
        "acknowledged": acknowledged.acknowledged,
        "lost": lost,
        "doubled": doubled,
        "slowest_recovery_s": round(max(times.values()), 1),
    }
    print(f"{acknowledged.pages} pages read, {acknowledged.refused} requests refused meanwhile")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
