from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    """Figures, tables and pages; reads only."""

    name = "dashboards"
    label = "dashboards"
