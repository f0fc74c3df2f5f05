from django.apps import AppConfig


class PagesConfig(AppConfig):
    """What every page shares: the frame, the look, the language switch."""

    name = "pages"
    label = "pages"
