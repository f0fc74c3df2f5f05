from django.db import migrations

# What was published stays: no row of it is changed or taken away, by whatever program.
# A release may lose its place to a newer one (is_current), and nothing else.
FREEZE = """
CREATE FUNCTION scorecards_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM scorecards_release r
               WHERE r.id = OLD.release_id AND r.state = 'published') THEN
        RAISE EXCEPTION 'Release % is published and stays as it is; correct it by a new release.',
            OLD.release_id USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION scorecards_refuse_addition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added a JOIN scorecards_release r ON r.id = a.release_id
               WHERE r.state = 'published') THEN
        RAISE EXCEPTION 'Nothing is added to a release that is published.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION scorecards_keep_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'published' THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.is_current AND NOT NEW.is_current
                AND to_jsonb(NEW) - 'is_current' = to_jsonb(OLD) - 'is_current' THEN
            RETURN NEW;
        END IF;
        IF NEW = OLD THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'Release % is published and stays as it is; correct it by a new release.',
        OLD.id USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER release_is_frozen BEFORE UPDATE OR DELETE ON scorecards_release
    FOR EACH ROW EXECUTE FUNCTION scorecards_keep_release();
"""
TABLES = ("releasedcell", "comparison", "overall")
ON_TABLE = """
CREATE TRIGGER {table}_is_frozen BEFORE UPDATE OR DELETE ON scorecards_{table}
    FOR EACH ROW {when} EXECUTE FUNCTION scorecards_refuse_change();
CREATE TRIGGER {table}_takes_no_more AFTER INSERT ON scorecards_{table}
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION scorecards_refuse_addition();
"""
WORKING = "WHEN (OLD.release_id > 0)"

THAW = """
DROP TRIGGER release_is_frozen ON scorecards_release;
DROP FUNCTION scorecards_keep_release();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('scorecards', '0006_comparisons'),
    ]

    operations = [
        migrations.RunSQL(FREEZE, THAW + "DROP FUNCTION scorecards_refuse_change();"
                                         "DROP FUNCTION scorecards_refuse_addition();"),
        *(
            migrations.RunSQL(
                ON_TABLE.format(table=table, when=WORKING),
                f"DROP TRIGGER {table}_is_frozen ON scorecards_{table};"
                f"DROP TRIGGER {table}_takes_no_more ON scorecards_{table};",
            )
            for table in TABLES
        ),
    ]
