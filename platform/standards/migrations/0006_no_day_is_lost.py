"""The database refuses an edit that leaves a day without a standard that had one.

The check is deferred to the end of the transaction, so that ending one standard and
beginning the next is one change whatever their order. A day that the same transaction
withdraws on purpose (``standards_withdrawal``) may be left without a standard.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION standards_refuse_lost_days() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept datemultirange;
    lost datemultirange;
BEGIN
    IF OLD.replaced_at IS NOT NULL THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(range_agg(days), '{}'::datemultirange) INTO kept FROM (
        SELECT daterange(valid_from, valid_to, '[]') AS days FROM standards_standard
        WHERE service_id = OLD.service_id AND option = OLD.option
            AND provider_id IS NOT DISTINCT FROM OLD.provider_id AND replaced_at IS NULL
        UNION ALL
        SELECT daterange(valid_from, valid_to, '[]') FROM standards_withdrawal
        WHERE service_id = OLD.service_id AND option = OLD.option
            AND provider_id IS NOT DISTINCT FROM OLD.provider_id
            AND transaction = txid_current()
    ) AS rows;
    lost := datemultirange(daterange(OLD.valid_from, OLD.valid_to, '[]')) - kept;
    IF NOT isempty(lost) THEN
        RAISE EXCEPTION 'no standard would be in force on % (service %, option %)',
            lost, OLD.service_id, OLD.option
            USING ERRCODE = 'check_violation', CONSTRAINT = 'standard_days_kept',
                TABLE = 'standards_standard';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER standard_days_kept
AFTER UPDATE OF service_id, option, provider_id, valid_from, valid_to, replaced_at OR DELETE
ON standards_standard DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION standards_refuse_lost_days();
"""

BACKWARD = """
DROP TRIGGER standard_days_kept ON standards_standard;
DROP FUNCTION standards_refuse_lost_days();
"""


class Migration(migrations.Migration):
    dependencies = [("standards", "0005_withdrawals_and_limits")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
