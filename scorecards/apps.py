from django.apps import AppConfig


class ScorecardsConfig(AppConfig):
    """Honest scores of what happened beside what was promised."""

    name = "scorecards"
    label = "scorecards"
