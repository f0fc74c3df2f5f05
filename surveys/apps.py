from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Forms, submissions and observations: cases, votes, checks."""

    name = "surveys"
    label = "surveys"

    def ready(self) -> None:
        """Name what waits for those who record and review."""
        from accounts.worklist import add_counter
        from surveys import counts

        add_counter(counts.counts)
