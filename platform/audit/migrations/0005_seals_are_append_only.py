"""Seals cannot be changed either; and the last number is asked by a function of the owner's.

The function locks the table for a moment. The program's own role may only read and add
(`protect_audit`), which PostgreSQL does not count as enough for that lock.
"""

from django.db import migrations

FORWARD = """
CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE ON audit_seal
    FOR EACH ROW EXECUTE FUNCTION audit_entry_is_append_only();
CREATE FUNCTION audit_last_written() RETURNS bigint LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    LOCK TABLE audit_entry IN SHARE MODE;
    RETURN (SELECT max(id) FROM audit_entry);
END
$$;
"""
BACKWARD = """
DROP FUNCTION audit_last_written();
DROP TRIGGER audit_seal_append_only ON audit_seal;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_seals")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
