from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InterchangeConfig(AppConfig):
    """Links to other systems and what they bring or take."""

    name = "interchange"
    label = "interchange"
    verbose_name = _("Other systems")
