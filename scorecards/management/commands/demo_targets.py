"""``manage.py demo_targets``: targets of the demo's programme, some within reach, some not."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Programme, User
from scorecards.models import ProgrammeTarget
from scorecards.targets import set_target
from standards.models import Indicator

TARGETS = {
    "commune/CA-C1": 65.0,
    "commune/CA-C4": 70.0,
    "health_centre/HC-C2": 90.0,
    "actions_moving": 60.0,
    "people_informed": 1_500.0,
}


class Command(BaseCommand):
    """Set them; never for a real programme."""

    help = "Set targets for the programme of the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        programme = Programme.objects.filter(code="demo").first()
        by = User.objects.filter(username="admin", is_demo=True).first()
        if settings.LIVE or programme is None or by is None:
            raise CommandError("This is no demo: invented targets are refused.")
        if ProgrammeTarget.objects.filter(programme=programme).exists():
            return
        codes = set(Indicator.objects.values_list("code", flat=True))
        for measure, value in TARGETS.items():
            if "/" in measure and measure.split("/")[1] not in codes:
                continue
            set_target(
                by=by,
                programme=programme,
                year=timezone.localdate().year,
                measure=measure,
                value=value,
            )
        self.stdout.write(f"{programme.targets.count()} targets of the demo")
