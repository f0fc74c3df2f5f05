from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """Who did what, when: append-only."""

    name = "audit"
    label = "audit"
    verbose_name = _("History")
