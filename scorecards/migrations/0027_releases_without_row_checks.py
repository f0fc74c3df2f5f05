import django.db.models.deletion
from django.db import migrations, models

# A foreign key of half a million rows of a release is checked row by row, for two seconds when the
# transaction ends. These functions look at the rows of one statement together.
ADDITION = """
CREATE OR REPLACE FUNCTION scorecards_refuse_addition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    FOR wrong IN
        SELECT a.release_id, r.state
        FROM (SELECT DISTINCT release_id FROM added WHERE release_id > 0) a
        LEFT JOIN scorecards_release r ON r.id = a.release_id
        WHERE r.state IS NULL OR r.state = 'published'
    LOOP
        IF wrong.state IS NULL THEN
            RAISE EXCEPTION 'Release % does not exist.', wrong.release_id
                USING ERRCODE = 'foreign_key_violation';
        END IF;
        RAISE EXCEPTION 'Nothing is added to a release that is published.'
            USING ERRCODE = 'restrict_violation';
    END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION scorecards_refuse_rows_without_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM scorecards_releasedcell
               WHERE period = OLD.period AND release_id = OLD.id)
        OR EXISTS (SELECT FROM scorecards_cellstate
                   WHERE period = OLD.period AND release_id = OLD.id)
    THEN
        RAISE EXCEPTION 'Release % has figures; delete them first.', OLD.id
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER release_with_figures_stays BEFORE DELETE ON scorecards_release
    FOR EACH ROW EXECUTE FUNCTION scorecards_refuse_rows_without_release();
"""
ADDITION_BEFORE = """
DROP TRIGGER release_with_figures_stays ON scorecards_release;
DROP FUNCTION scorecards_refuse_rows_without_release();
CREATE OR REPLACE FUNCTION scorecards_refuse_addition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added a JOIN scorecards_release r ON r.id = a.release_id
               WHERE r.state = 'published') THEN
        RAISE EXCEPTION 'Nothing is added to a release that is published.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('scorecards', '0026_indicator_weights'),
    ]

    operations = [
        migrations.RunSQL(ADDITION, ADDITION_BEFORE),
        migrations.AlterField(
            model_name='cellstate',
            name='release',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scorecards.release'),
        ),
        migrations.AlterField(
            model_name='releasedcell',
            name='release',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scorecards.release'),
        ),
    ]
