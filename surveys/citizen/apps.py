from django.apps import AppConfig


class CitizenConfig(AppConfig):
    """The public app."""

    name = "surveys.citizen"
    label = "citizen"

    def ready(self) -> None:
        """Name how many reports wait for those who hold the key."""
        from accounts.worklist import add_counter
        from surveys.citizen import counts

        add_counter(counts.counts)
