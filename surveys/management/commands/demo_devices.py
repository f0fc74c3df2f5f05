"""``manage.py demo_devices``: tablets, records and own cases of the demo's facilitator."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Programme, User
from surveys.demo.country import PROGRAMME
from surveys.demo.devices import make_devices


class Command(BaseCommand):
    """Make what tablets and the facilitator of the demo would have sent; may be repeated."""

    help = "Make the demo's tablets, submissions and the facilitator's own cases."

    def handle(self, *args: Any, **options: Any) -> None:
        facilitator = User.objects.filter(username="facilitator", is_demo=True).first()
        programme = Programme.objects.filter(code=PROGRAMME).first()
        if settings.LIVE or facilitator is None or programme is None:
            raise CommandError("This is no demo: run `manage.py demo` first.")
        made = make_devices(programme=programme, facilitator=facilitator)
        self.stdout.write(
            f"{made.tablets} tablets, {made.submissions} records, {made.cases} own cases"
        )
