from django.db import migrations, models


class Migration(migrations.Migration):
    """Versions know which engine opened them; starts of work are counted by ``jobs`` alone."""

    dependencies = [("surveys", "0015_unread_records"), ("jobs", "0002_work_named_by_its_row")]

    operations = [
        migrations.AddField(
            model_name="formversion",
            name="tried_by",
            field=models.CharField(
                blank=True,
                default="",
                help_text="the engine that opened it; empty: none could yet",
                max_length=16,
            ),
            preserve_default=False,
        ),
        migrations.RemoveField(model_name="importbatch", name="attempts"),
        migrations.RemoveField(model_name="formupload", name="tries"),
    ]
