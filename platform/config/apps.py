from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Settings, servers and commands that belong to the whole house."""

    name = "config"
    label = "config"
