from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People, roles, programmes, and what each may see."""

    name = "accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Name the open tasks of those who manage people and programmes."""
        from accounts import counts, worklist

        worklist.add_counter(counts.counts)

        from accounts.factors import AuthenticatorApp
        from sealing import Purpose
        from sealing.columns import holds_sealed

        holds_sealed(AuthenticatorApp, "key_sealed", Purpose.SECOND_FACTOR)
