from django.db import migrations, models


class Migration(migrations.Migration):
    """Starts are counted by what is done, where several messages may ask for it."""

    dependencies = [("jobs", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="attempt", name="attempt_was_begun"),
        migrations.RenameField(model_name="attempt", old_name="task_id", new_name="key"),
        migrations.AlterField(
            model_name="attempt",
            name="key",
            field=models.CharField(
                help_text="the message's id, or the task and its arguments",
                max_length=255,
                unique=True,
            ),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="starts",
            field=models.PositiveSmallIntegerField(default=1, help_text="that did not end"),
        ),
        migrations.AddField(
            model_name="attempt",
            name="failures",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="ends without the database, which are no fault of the task",
            ),
        ),
    ]
