from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Joint action plans, followed until citizens confirm."""

    name = "scorecards.plans"
    label = "plans"
