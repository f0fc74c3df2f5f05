from django.db import migrations, models


class Migration(migrations.Migration):
    """Nothing ever wrote design effects: the table is made anew, with where they come from."""

    dependencies = [
        ('scorecards', '0003_releases'),
    ]

    operations = [
        migrations.DeleteModel(name='DesignEffect'),
        migrations.CreateModel(
            name='DesignEffect',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('indicator', models.CharField(max_length=10)),
                ('self_assessment', models.BooleanField(default=False)),
                ('year', models.CharField(max_length=4)),
                ('deff', models.FloatField(help_text='1 + (mean_size - 1) rho, rounded to two decimals')),
                ('rho', models.FloatField(help_text='as estimated, before it is held in bounds', null=True)),
                ('mean_size', models.FloatField(help_text='cases in the cluster of an average case')),
                ('clusters', models.IntegerField(help_text='facilitator x day x provider; meetings for votes')),
                ('cases', models.IntegerField(help_text='judged')),
                ('method_version', models.CharField(max_length=10)),
                ('estimated_at', models.DateTimeField(help_text='the data are those of this moment')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('indicator', 'self_assessment', 'year'), name='deff_once_a_year'), models.CheckConstraint(condition=models.Q(('deff__gte', 1)), name='deff_at_least_one'), models.CheckConstraint(condition=models.Q(('cases__gte', models.F('clusters')), ('clusters__gte', 1)), name='deff_from_clusters')],
            },
        ),
        migrations.AlterField(
            model_name='judgedcase',
            name='facilitator_id',
            field=models.BigIntegerField(help_text='who gathered it: an account; below zero, somebody known by name only; null: nobody, the citizen told it', null=True),
        ),
    ]
