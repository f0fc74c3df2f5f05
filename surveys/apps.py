from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Forms, submissions and observations: cases, votes, checks."""

    name = "surveys"
    label = "surveys"

    def ready(self) -> None:
        """Name the open tasks of those who record and review."""
        from accounts.worklist import add_counter
        from surveys import counts, retained

        add_counter(counts.counts)
        retained.announce()
        self._name_sealed_columns()

    def _name_sealed_columns(self) -> None:
        from sealing import Purpose
        from sealing.columns import holds_sealed
        from surveys.models import AppUser, Contact, Webhook

        holds_sealed(AppUser, "token_sealed", Purpose.TOKENS)
        holds_sealed(AppUser, "next_token_sealed", Purpose.TOKENS)
        holds_sealed(Webhook, "secret_sealed", Purpose.TOKENS)
        holds_sealed(Contact, "sealed_number", Purpose.CONTACT)
