from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, roles, programmes, and what each may see."""

    name = "accounts"
    label = "accounts"
