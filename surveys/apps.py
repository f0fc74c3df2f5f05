from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Forms, submissions and observations: cases, votes, checks."""

    name = "surveys"
    label = "surveys"

    def ready(self) -> None:
        """Name what waits for people of this app on their home page."""
        from accounts.notices import announce
        from surveys.submissions.processing import unprocessed

        announce(unprocessed.notice)
