"""The database refuses to change an action's history, or its first promised day."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION plans_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of an action is append-only: % refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER plans_event_append_only BEFORE UPDATE OR DELETE ON plans_actionevent
    FOR EACH ROW EXECUTE FUNCTION plans_event_is_append_only();
CREATE FUNCTION plans_first_day_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the first promised day of an action is never overwritten'
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER plans_first_day_stays BEFORE UPDATE OF first_due_on ON plans_action
    FOR EACH ROW
    WHEN (OLD.first_due_on IS NOT NULL AND NEW.first_due_on IS DISTINCT FROM OLD.first_due_on)
    EXECUTE FUNCTION plans_first_day_stays();
CREATE FUNCTION plans_agreed_action_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an agreed action is never deleted; it is dropped with a reason'
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER plans_agreed_action_stays BEFORE DELETE ON plans_action
    FOR EACH ROW WHEN (OLD.first_due_on IS NOT NULL)
    EXECUTE FUNCTION plans_agreed_action_stays();
"""

BACKWARD = """
DROP TRIGGER plans_agreed_action_stays ON plans_action;
DROP FUNCTION plans_agreed_action_stays();
DROP TRIGGER plans_first_day_stays ON plans_action;
DROP FUNCTION plans_first_day_stays();
DROP TRIGGER plans_event_append_only ON plans_actionevent;
DROP FUNCTION plans_event_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_plans")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
