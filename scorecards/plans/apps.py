from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Joint action plans, followed until citizens confirm."""

    name = "scorecards.plans"
    label = "plans"

    def ready(self) -> None:
        """Name the actions, replies and texts that wait."""
        from accounts.worklist import add_counter
        from scorecards.plans import counts

        add_counter(counts.counts)
