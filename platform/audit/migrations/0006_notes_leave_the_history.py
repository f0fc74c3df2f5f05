"""Words of citizens' notes leave the history, which from now on keeps none (audit.notes).

The one change of entries that there ever is; it comes before the first seal.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only;
UPDATE audit_entry SET
    before = CASE WHEN before->>'note' <> ''
        THEN jsonb_set(before, '{note}', '"(words not kept)"') ELSE before END,
    after = CASE WHEN after->>'note' <> ''
        THEN jsonb_set(after, '{note}', '"(words not kept)"') ELSE after END
WHERE before->>'note' <> '' OR after->>'note' <> '';
ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_append_only;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_seals_are_append_only")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
