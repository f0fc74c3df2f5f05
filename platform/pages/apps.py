from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The common parts of every page: the frame, the style, the language switch."""

    name = "pages"
    label = "pages"
