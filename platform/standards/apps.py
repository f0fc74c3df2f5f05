from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StandardsConfig(AppConfig):
    """Providers, services and the official standards that bind them."""

    name = "standards"
    label = "standards"
    verbose_name = _("Services and standards")
