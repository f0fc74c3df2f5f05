"""Write a small database of the present release, which later releases must be able to migrate.

`python -m tools.release_dump tests/dumps/NAME.sql.gz`: two provinces of the tests, cases, meetings,
records of a tablet, scores, one published release. Made in a database of its own, which is dropped.
"""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import django

FILL = """
import io
import django
django.setup()
from django.core.management import call_command
from scorecards.tests.nation import draw_cases, draw_meetings, make_nation, make_person, publish
from scorecards.tests.nation import tell_everything
from surveys.submissions.intake.receive import Sender, receive
from surveys.submissions.tests.factories import programme, published, record, tablet
make_nation()
draw_cases(400)
draw_meetings(30)
tell_everything()
where = programme()
published(where)
sender = Sender(where.pk, app_user_id=tablet(where)[0].pk)
for _number in range(5):
    receive(sender=sender, xml=record())
call_command("score", stdout=io.StringIO())
publish(make_person("coordinator"), "2026-Q1")
"""


def main() -> int:
    """Make it; return the exit code."""
    if len(sys.argv) != 2:
        print(__doc__)
        return 1
    target = Path(sys.argv[1])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from operations.backups import postgres

    name = f"release_dump_{os.getpid()}"
    postgres.create(name)
    try:
        environment = {**os.environ, "DATABASE_URL": postgres.address(name)}
        for arguments in (
            ["manage.py", "migrate", "-v0"],
            ["manage.py", "load_roles"],
            ["-c", FILL],
        ):
            subprocess.run([sys.executable, *arguments], env=environment, check=True)
        program = postgres.program(
            "pg_dump", "--no-owner", "--no-privileges", name, stdout=subprocess.PIPE
        )
        dumped = program.communicate()[0]
    finally:
        postgres.drop(name)
    target.write_bytes(gzip.compress(dumped, 9, mtime=0))
    print(f"{target}: {target.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
