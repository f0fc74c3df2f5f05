from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """The append-only history of actions."""

    name = "audit"
    label = "audit"
    verbose_name = _("History")
