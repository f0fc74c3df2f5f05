from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who did what, when: append-only."""

    name = "audit"
    label = "audit"
