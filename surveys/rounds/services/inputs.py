"""Record which inputs were present, of those the provider is entitled to."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from parsing.days import observed
from surveys import services as observations
from surveys.models import Channel
from surveys.rounds import reading
from surveys.rounds.models import Entitlement, InputFound, Round
from surveys.services import ReportedCheck
from surveys.services.write_permission import Mandate

MOST = 1_000_000


@transaction.atomic
def record_inputs(
    *,
    by: User | None,
    round: Round,
    present: dict[str, int | None],
    seen_on: date,
    channel: str = Channel.PAGE,
    job: str = "",
) -> list[InputFound]:
    """Record how much of each entitlement (by its code) was there; None is "not known".

    Where the entitlement is an indicator seen on visits, a check is recorded as well, once a
    round and day, so that the scores know it. Raises ValidationError and PermissionDenied.
    """
    Mandate(by, "rounds.record").demand(round.commune_id, round.programme_id)
    days = observed(timezone.localdate())
    if not days.first <= seen_on <= days.last:
        raise ValidationError({"seen_on": [_("This day lies in the future or too long ago.")]})
    entitled = {
        one.code: one
        for one in Entitlement.objects.in_force(round.provider.kind, reading.inputs_day(round))
    }
    for code, number in present.items():
        if code not in entitled:
            raise ValidationError({"inputs": [_("“%s” is no input of this provider.") % code]})
        if number is not None and not 0 <= number <= MOST:
            raise ValidationError({code: [_("This number is too large.")]})
    rows = [
        InputFound.objects.update_or_create(
            round=round,
            entitlement=entitled[code],
            defaults={"present": number, "seen_on": seen_on, "recorded_by": by},
        )[0]
        for code, number in present.items()
    ]
    for code, number in present.items():
        if entitled[code].indicator_code and number is not None:
            _check(by, round, entitled[code], number, seen_on=seen_on, channel=channel, job=job)
    trail.record(
        by=by,
        verb="round.inputs_recorded",
        subject=round,
        place_code=round.commune_id,
        after={code: number for code, number in present.items() if number is not None},
        job=job,
    )
    return rows


def _check(
    by: User | None,
    round: Round,
    entitlement: Entitlement,
    present: int,
    *,
    seen_on: date,
    channel: str,
    job: str,
) -> None:
    """Record the check of an indicator; another answer recorded at the same visit stays."""
    observations.record_check(
        by=by,
        reported=ReportedCheck(
            check_id=f"round-{round.uuid}-{seen_on:%Y%m%d}",
            commune=round.commune_id,
            provider=round.provider.code,
            provider_kind=round.provider.kind,
            indicator=entitlement.indicator_code,
            seen_on=seen_on,
            present=present >= entitlement.quantity,
            channel=channel,
            facilitator=by.username if by else "",
            programme=round.programme.code if round.programme else "",
        ),
        job=job,
    )
