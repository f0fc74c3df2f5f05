from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    """Provinces, districts, communes and villages by official code."""

    name = "places"
    label = "places"
    verbose_name = _("Places")
