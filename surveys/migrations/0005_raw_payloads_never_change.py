"""The database itself refuses to change what arrived, and what was published."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION surveys_payload_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what arrived is kept as it is' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER submission_payload_kept BEFORE UPDATE OF xml, sha256, instance_id, form_id
    ON surveys_submission FOR EACH ROW
    WHEN (OLD.sha256 IS DISTINCT FROM NEW.sha256 OR OLD.xml IS DISTINCT FROM NEW.xml
        OR OLD.instance_id IS DISTINCT FROM NEW.instance_id
        OR OLD.form_id IS DISTINCT FROM NEW.form_id)
    EXECUTE FUNCTION surveys_payload_is_kept();
CREATE TRIGGER submission_version_payload_kept BEFORE UPDATE
    ON surveys_submissionversion FOR EACH ROW EXECUTE FUNCTION surveys_payload_is_kept();

CREATE FUNCTION surveys_published_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published version never changes' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER form_version_kept BEFORE UPDATE ON surveys_formversion FOR EACH ROW
    WHEN (OLD.published_at IS NOT NULL AND (OLD.sha256 IS DISTINCT FROM NEW.sha256
        OR OLD.xml IS DISTINCT FROM NEW.xml OR OLD.version IS DISTINCT FROM NEW.version
        OR NEW.published_at IS NULL))
    EXECUTE FUNCTION surveys_published_is_kept();
"""

BACKWARD = """
DROP TRIGGER form_version_kept ON surveys_formversion;
DROP FUNCTION surveys_published_is_kept();
DROP TRIGGER submission_version_payload_kept ON surveys_submissionversion;
DROP TRIGGER submission_payload_kept ON surveys_submission;
DROP FUNCTION surveys_payload_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("surveys", "0004_requests_under_a_code")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
