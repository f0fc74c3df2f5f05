from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    """Figures, tables and pages; reads only."""

    name = "dashboards"
    label = "dashboards"

    def ready(self) -> None:
        """Name the communes that need attention."""
        from accounts.worklist import add_counter

        add_counter("dashboards.counts.counts")
