from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scorecards', '0022_rounded_releases'),
    ]

    operations = [
        migrations.AlterField(
            model_name='scorealarm',
            name='about',
            field=models.CharField(choices=[('score', 'score'), ('comparison', 'comparison'), ('placeclass', 'class of a place'), ('overall', 'overall score'), ('gap', 'gap between voters'), ('ontime', 'on time, with open requests'), ('rounding', 'rounding of a release')], default='score', max_length=10),
        ),
    ]
