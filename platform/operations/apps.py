from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """Backups, monitoring and the status page."""

    name = "operations"
    label = "operations"
    verbose_name = _("Operation")
