from importlib import import_module

from django.db import migrations

frozen = import_module("scorecards.migrations.0007_releases_are_frozen")


class Migration(migrations.Migration):
    """The classes of a published release stay as they are, like its cells and comparisons."""

    dependencies = [("scorecards", "0019_classes_of_cells")]

    operations = [
        migrations.RunSQL(
            frozen.ON_TABLE.format(table="placeclass", when=frozen.WORKING),
            "DROP TRIGGER placeclass_is_frozen ON scorecards_placeclass;"
            "DROP TRIGGER placeclass_takes_no_more ON scorecards_placeclass;",
        )
    ]
