"""Note that every stored score is to be counted again: it lacks the pairs of its clusters."""

from typing import Any

from django.db import migrations

AGAIN = "again"
"""``scorecards.pipeline.incremental.AGAIN``, as it was called when this was written."""


def note_everything(apps: Any, schema_editor: Any) -> None:
    """Put every commune and month with stored scores into the outbox; workers do the rest."""
    with getattr(schema_editor, "connection", schema_editor).cursor() as cursor:
        cursor.execute(
            "INSERT INTO surveys_observationchange"
            " (province_code, commune_code, month, observation, changed_at)"
            " SELECT DISTINCT province_code, place_code,"
            " to_date(period || '-01', 'YYYY-MM-DD'), %s, now() FROM scorecards_score"
            " WHERE period ~ '^[0-9]{4}-[0-9]{2}$' AND level = 'commune'",
            [AGAIN],
        )


class Migration(migrations.Migration):
    """Until a commune is computed again its intervals are those without clusters."""

    dependencies = [
        ("scorecards", "0017_likeness_by_source"),
        ("surveys", "0011_which_case_changed"),
    ]

    operations = [migrations.RunPython(note_everything, migrations.RunPython.noop)]
