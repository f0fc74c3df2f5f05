"""Scores in the order of their places: what is computed or read together lies together."""

from django.db import migrations, models

KEY = "period, place_code, provider_id, provider_kind, service, indicator, self_assessment"
BEFORE = "period, indicator, service, provider_kind, place_code, provider_id, self_assessment"
TURN = (
    "ALTER TABLE scorecards_score DROP CONSTRAINT scorecards_score_pkey, ADD PRIMARY KEY ({key})"
)


class Migration(migrations.Migration):
    dependencies = [("scorecards", "0004_design_effects_of_a_year")]

    operations = [
        # The same key, for Django too; only PostgreSQL cares in which order it is sorted.
        migrations.RunSQL(TURN.format(key=KEY), TURN.format(key=BEFORE)),
        migrations.RemoveIndex(model_name="score", name="score_place"),
        migrations.AddIndex(
            model_name="score",
            index=models.Index(
                fields=["indicator", "service", "provider_kind", "level"], name="score_compared"
            ),
        ),
        migrations.AddIndex(
            model_name="score",
            index=models.Index(
                condition=models.Q(("provider_id__gt", 0)),
                fields=["provider_id"],
                name="score_provider",
            ),
        ),
    ]
