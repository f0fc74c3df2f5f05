from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Forms, submissions and observations: cases, votes, checks."""

    name = "surveys"
    label = "surveys"
