from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InterchangeConfig(AppConfig):
    """Links to other systems: records received from them, figures sent to them."""

    name = "interchange"
    label = "interchange"
    verbose_name = _("Other systems")

    def ready(self) -> None:
        """Name what is encrypted, for the command that renews keys."""
        from interchange.models import Link
        from sealing import Purpose
        from sealing.columns import holds_sealed

        holds_sealed(Link, "secret_sealed", Purpose.TOKENS)
