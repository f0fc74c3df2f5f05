from django.apps import AppConfig


class OpenRosaConfig(AppConfig):
    """The API of ODK Collect and of Central's clients."""

    name = "surveys.openrosa"
    label = "openrosa"

    def ready(self) -> None:
        """Show the sessions of a person's programs among those of browsers."""
        from accounts import sign_ins
        from surveys.openrosa import program_sessions

        sign_ins.add_source("program", program_sessions.SOURCE)
