"""Notes name the period that is to be compared again, no longer the month that changed."""

from django.db import migrations

ALL_PERIODS = """
INSERT INTO scorecards_pendingcomparison (period)
SELECT replace(upper(replace(c.relname, 'scorecards_score_', '')), '_', '-')
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'scorecards_score'::regclass
    AND EXISTS (SELECT FROM scorecards_pendingcomparison)
"""


class Migration(migrations.Migration):
    dependencies = [("scorecards", "0012_days_known")]

    operations = [
        migrations.RenameField("pendingcomparison", "month", "period"),
        # Where anything waits, everything is looked at once more: what agrees is not written.
        migrations.RunSQL(ALL_PERIODS, migrations.RunSQL.noop),
    ]
