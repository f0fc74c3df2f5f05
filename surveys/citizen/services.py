"""Sealed reports: stored as they came, deleted when handled; keys made and retired."""

import hashlib
import secrets
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import may
from audit import trail
from surveys.citizen.models import ReportKey, SealedReport

MOST_BYTES: Final = 64 * 1024
AGE_HEADER: Final = b"age-encryption.org/v1\n"


def keep_report(*, ciphertext: bytes, key: int) -> SealedReport:
    """Store a report that only the organisation can open; sent twice, it is stored once.

    There is no audit entry: its time to the second would reveal more about the sender than the
    report's row does. Raises ValidationError where it is not sealed, or too long.
    """
    if not ciphertext.startswith(AGE_HEADER):
        raise ValidationError(_("This message is not sealed; nothing was kept."))
    if len(ciphertext) > MOST_BYTES:
        raise ValidationError(_("This message is too long."))
    report_key = ReportKey.objects.filter(pk=key).first()
    if report_key is None or (report_key.is_demo and settings.LIVE):
        raise ValidationError(_("This message is sealed for a key that is not ours."))
    fingerprint, today = hashlib.sha256(ciphertext).hexdigest(), timezone.localdate()
    with transaction.atomic():
        _lock()
        report = SealedReport.objects.filter(fingerprint=fingerprint).first()
        if report is None:
            report = SealedReport.objects.create(
                fingerprint=fingerprint, ciphertext=ciphertext, key=report_key, arrived_on=today
            )
            shuffle(arrived_on=today)
    return report


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE citizen_sealedreport IN SHARE ROW EXCLUSIVE MODE")


@transaction.atomic
def shuffle(*, arrived_on: date) -> int:
    """Rewrite the reports of a day in random order and in one transaction; return how many.

    The position of a row in the table and the number of the transaction that wrote it would reveal
    the order in which reports came, and together with dated rows of other tables the hour.
    Afterwards all reports of a day have one transaction and a random order.
    """
    _lock()
    rows = list(SealedReport.objects.filter(arrived_on=arrived_on))
    secrets.SystemRandom().shuffle(rows)
    SealedReport.objects.filter(pk__in=[row.pk for row in rows]).delete()
    SealedReport.objects.bulk_create(rows)
    return len(rows)


def close_days() -> int:
    """Shuffle the reports of past days once more, and remove the rows' earlier versions.

    Runs by night, so that the last report of a day also shares its transaction with the whole day.
    """
    yesterday = timezone.localdate() - timedelta(days=1)
    count = shuffle(arrived_on=yesterday)
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM citizen_sealedreport")
    return count


@transaction.atomic
def delete_report(*, report: SealedReport, by: User, reason: str) -> None:
    """Delete a handled report permanently; the audit trail records who deleted it and why.

    Raises PermissionDenied, and ValidationError without a reason.
    """
    if not may(by, "reports.open"):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why.")]})
    trail.record(by=by, verb="report.deleted", subject=report, reason=reason)
    report.delete()


@transaction.atomic
def use_key(*, recipient: str, by: User | None, job: str = "", is_demo: bool = False) -> ReportKey:
    """Seal every report from now on for ``recipient``; the key before it is retired.

    Raises PermissionDenied for a demo's key where real people are served.
    """
    if is_demo and settings.LIVE:
        raise PermissionDenied
    ReportKey.objects.filter(retired_at=None).update(retired_at=timezone.now())
    key = ReportKey(recipient=recipient, is_demo=is_demo)
    key.full_clean()
    key.save()
    trail.record(by=by, verb="report_key.made", subject=key, job=job)
    return key
