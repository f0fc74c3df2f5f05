from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Joint action plans, followed until citizens confirm."""

    name = "scorecards.plans"
    label = "plans"

    def ready(self) -> None:
        """Name what waits for people; let the channels ask whether commitments are kept."""
        from accounts.worklist import add_counter
        from scorecards.plans import counts
        from scorecards.plans.citizens import Commitments
        from surveys import commitments

        add_counter(counts.counts)
        commitments.offer(Commitments())

        from scorecards.plans.models import AlertSubscription, Office
        from sealing import Purpose
        from sealing.columns import holds_sealed

        holds_sealed(Office, "sealed_address", Purpose.CONTACT)
        holds_sealed(AlertSubscription, "sealed_address", Purpose.CONTACT)
