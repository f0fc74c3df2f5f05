from django.apps import AppConfig


class CitizenConfig(AppConfig):
    """The public app."""

    name = "surveys.citizen"
    label = "citizen"

    def ready(self) -> None:
        """Name how many reports wait for those who hold the key, and what is encrypted."""
        from accounts.worklist import add_counter
        from sealing import Purpose
        from sealing.columns import holds_sealed
        from surveys.citizen import counts
        from surveys.citizen.models import PushReminder

        add_counter(counts.counts)
        holds_sealed(PushReminder, "sealed_subscription", Purpose.PUSH)
