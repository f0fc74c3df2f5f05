"""Sealed reports: kept as they came, deleted when they were handled; keys made and retired."""

import hashlib
from typing import Final

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import may
from audit import trail
from surveys.citizen.models import ReportKey, SealedReport

MOST_BYTES: Final = 64 * 1024
AGE_HEADER: Final = b"age-encryption.org/v1\n"


def keep_report(*, ciphertext: bytes, key: int) -> SealedReport:
    """Keep a report that only the organisation can open; sent twice, it is kept once.

    There is no audit entry: its time to the second would say more of the sender than the
    report's row does. Raises ValidationError where it is not sealed, or too long.
    """
    if not ciphertext.startswith(AGE_HEADER):
        raise ValidationError(_("This message is not sealed; nothing was kept."))
    if len(ciphertext) > MOST_BYTES:
        raise ValidationError(_("This message is too long."))
    found = ReportKey.objects.filter(pk=key).first()
    if found is None or (found.is_demo and settings.LIVE):
        raise ValidationError(_("This message is sealed for a key that is not ours."))
    report, _made = SealedReport.objects.get_or_create(
        fingerprint=hashlib.sha256(ciphertext).hexdigest(),
        defaults={"ciphertext": ciphertext, "key": found, "arrived_on": timezone.localdate()},
    )
    return report


@transaction.atomic
def delete_report(*, report: SealedReport, by: User, reason: str) -> None:
    """Delete a handled report for good; that it was, by whom and why, stays in the trail.

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
