from django.apps import AppConfig


class ScorecardsConfig(AppConfig):
    """Scores of what people experienced, compared with the published standard."""

    name = "scorecards"
    label = "scorecards"

    def ready(self) -> None:
        """Name the alarms and releases that wait for a decision."""
        from accounts.worklist import add_counter

        add_counter("scorecards.counts.counts")
