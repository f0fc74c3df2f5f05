"""Preparation of the hotline: its languages, and the simulator's own line."""

import json
import secrets

from django.db import transaction

from surveys.hotline import lines
from surveys.hotline.models import Language, Line
from surveys.hotline.script import LANGUAGES_FILE

SIMULATOR_NUMBER = "simulator"


@transaction.atomic
def load_hotline() -> int:
    """Load the languages of ``fixtures/hotline/languages.json`` and the simulator's line.

    Return how many rows are new. People's changes stay.
    """
    made = 0
    rows = json.loads(LANGUAGES_FILE.read_text("utf-8"))["languages"]
    for position, row in enumerate(rows):
        _language, new = Language.objects.get_or_create(
            code=row["code"], defaults={**row, "position": position}
        )
        made += new
    if not Line.objects.filter(company=Line.Company.SIMULATOR).exists():
        line = Line(
            company=Line.Company.SIMULATOR,
            number=SIMULATOR_NUMBER,
            account_sid=secrets.token_hex(16),
        )
        lines.set_token(line, secrets.token_urlsafe(32))
        line.save()
        made += 1
    return made
