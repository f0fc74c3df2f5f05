"""Owe calls about an action to people who agreed to be asked."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from scorecards.plans.models import Action
from scorecards.plans.services.progress import demand, demand_agreed
from surveys.hotline import commitment_calls
from surveys.hotline.commitment_calls import Listed


@transaction.atomic
def call_people(*, by: User, action: Action, numbers: list[str]) -> Listed:
    """Have the hotline call these numbers once.

    Return how many are owed, and which were unreadable.
    The numbers are encrypted and in no audit row. Raises PermissionDenied, ValidationError.
    """
    demand("plans.confirm", action, by)
    demand_agreed(action)
    if not numbers:
        raise ValidationError(_("Write at least one telephone number."))
    listed = commitment_calls.owe(action.call_code, numbers)
    trail.record(
        by=by,
        verb="plan.people_called",
        subject=action,
        place_code=action.commune_id,
        after={"owed": listed.owed},
    )
    return listed
