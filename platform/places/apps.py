from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Provinces, districts, communes and villages by official code."""

    name = "places"
    label = "places"
