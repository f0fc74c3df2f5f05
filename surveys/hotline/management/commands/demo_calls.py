"""``manage.py demo_calls``: calls of the demo, pressed through the real menus of the simulator."""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from surveys.hotline import call_session, call_state
from surveys.hotline.models import Call, Line
from surveys.hotline.setting_up import load_hotline

KEYS = ("111", "1121", "11213", "1", "131", "112", "1122", "19", "1113", "14")
"""What callers pressed, each a call: prices, documents, a report, a wrong way."""


class Command(BaseCommand):
    """Invent calls of the last days, in a demo database only."""

    help = "Make calls for the demo's hotline pages."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.LIVE or not User.objects.filter(is_demo=True).exists():
            raise CommandError("This is no demo: invented calls are refused.")
        load_hotline()
        line = Line.objects.filter(company=Line.Company.SIMULATOR).get()
        if Call.objects.filter(sid__startswith="demo-").exists():
            return
        now = timezone.now()
        for number, keys in enumerate(KEYS * 2):
            sid = f"demo-{uuid.uuid4()}"
            call_session.begin(line, sid, f"+85512{number % 14 * 76_543 + 100_000:06}")
            for key in keys:
                at = call_state.by_sid(line, sid)
                if at is None or at.ended:
                    break
                call_session.go_on(at, at.steps_taken, call_session.Heard.read(key, ""))
            began = now - timedelta(hours=5 * number + 1)
            lasted = 35 + 17 * len(keys)
            made = Call.objects.filter(line=line, sid=sid)
            made.exclude(first_fact_at=None).update(first_fact_at=began + timedelta(seconds=41))
            made.update(
                started_at=began,
                ended_at=began + timedelta(seconds=lasted),
                seconds=lasted,
                status=Call.Status.COMPLETED,
            )
        self.stdout.write(f"{2 * len(KEYS)} calls of the demo")
