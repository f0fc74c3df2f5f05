"""Released compliance of a provider, for the interface meeting.

Scores are known in the layer above this one: ``settings.ROUND_COMPLIANCE`` names the function,
from a commune's code and a kind of provider to its released indicators.
"""

from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string

from surveys.rounds.models import Round


def of_round(row: Round) -> list[dict[str, Any]]:
    """Return released compliance of the round's kind of provider in its commune.

    [] where there is none.

    Each has ``name`` (Khmer, English), ``share``, ``low``, ``high`` (0..1) and ``period``.
    """
    path = getattr(settings, "ROUND_COMPLIANCE", "")
    if not path:
        return []
    return cast("list[dict[str, Any]]", import_string(path)(row.commune_id, str(row.provider.kind)))
