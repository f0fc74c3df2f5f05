from typing import TYPE_CHECKING, cast

from django.apps import AppConfig
from django.utils.functional import SimpleLazyObject

if TYPE_CHECKING:
    from scorecards.plans.citizens import Commitments


class PlansConfig(AppConfig):
    """Joint action plans, followed until citizens confirm."""

    name = "scorecards.plans"
    label = "plans"

    def ready(self) -> None:
        """Name the open tasks of plans; let the channels ask whether commitments are kept."""
        from accounts.worklist import add_counter
        from surveys import commitments

        add_counter("scorecards.plans.counts.counts")
        commitments.offer(cast("commitments.Source", SimpleLazyObject(_commitments)))

        from scorecards.plans.models import AlertSubscription, Office
        from sealing import Purpose
        from sealing.columns import holds_sealed

        holds_sealed(Office, "sealed_address", Purpose.CONTACT)
        holds_sealed(AlertSubscription, "sealed_address", Purpose.CONTACT)


def _commitments() -> "Commitments":
    """Return the source of questions, imported when a channel first asks.

    It brings pandas with it.
    """
    from scorecards.plans.citizens import Commitments

    return Commitments()
