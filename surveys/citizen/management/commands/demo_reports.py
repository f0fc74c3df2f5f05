"""``manage.py demo_reports``: sealed reports of the demo, sealed for the demo's own key."""

import json
from datetime import timedelta
from typing import Any

import pyrage
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from surveys.citizen.models import SealedReport, key_in_use
from surveys.citizen.services import keep_report

REPORTS = (
    {"what": "មន្ត្រីសុំលុយ ២០.០០០ រៀល ទើបឱ្យលិខិត។ · An officer asked for 20,000 riel."},
    {"what": "គេគំរាមមិនឱ្យប្តឹង។ · They threatened us not to complain."},
    {"what": "សុំថ្លៃបន្ថែមពីស្ត្រីមានផ្ទៃពោះ។ · A pregnant woman was asked for more."},
)


class Command(BaseCommand):
    """Seal invented reports for the demo's key; never for a real one."""

    help = "Make sealed reports for the demo's page of reports."

    def handle(self, *args: Any, **options: Any) -> None:
        key = key_in_use()
        if settings.LIVE or key is None or not key.is_demo:
            raise CommandError("This is no demo: invented reports are refused.")
        if SealedReport.objects.filter(key=key).exists():
            return
        recipient = pyrage.x25519.Recipient.from_str(key.recipient)
        today = timezone.localdate()
        for number, reported in enumerate(REPORTS):
            text = json.dumps(reported, ensure_ascii=False).encode()
            padded = text + b" " * (-len(text) % 4096)  # every report has the same length
            report = keep_report(ciphertext=pyrage.encrypt(padded, [recipient]), key=key.pk)
            SealedReport.objects.filter(pk=report.pk).update(
                arrived_on=today - timedelta(days=2 * number)
            )
        self.stdout.write(f"{len(REPORTS)} sealed reports of the demo")
