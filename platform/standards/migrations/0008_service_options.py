"""Give options of services names that people edit; the four known ones had theirs in code."""

from django.db import migrations, models

NAMES = {
    "standard": ("ធម្មតា", "standard"),
    "normal": ("ធម្មតា", "normal"),
    "fast": ("លឿន", "fast"),
    "express": ("លឿនបំផុត", "express"),
}


def name_options(apps, schema_editor):
    """Add the known options, and every other that a standard already has, under its code."""
    option = apps.get_model("standards", "ServiceOption")
    standard = apps.get_model("standards", "Standard")
    used = standard.objects.order_by("option").values_list("option", flat=True).distinct()
    for position, code in enumerate(dict.fromkeys([*NAMES, *used]), start=1):
        plain = code.replace("-", " ")
        khmer, english = NAMES.get(code, (plain, plain))
        option.objects.create(code=code, name_km=khmer, name_en=english, position=position)


class Migration(migrations.Migration):

    dependencies = [
        ('standards', '0007_plausible_days'),
    ]

    operations = [
        migrations.CreateModel(
            name='ServiceOption',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_km', models.CharField(max_length=200, verbose_name='name in Khmer')),
                ('name_en', models.CharField(max_length=200, verbose_name='name in English')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('position', models.PositiveSmallIntegerField(default=9999, verbose_name='position in lists')),
            ],
            options={
                'verbose_name': 'option of a service',
                'verbose_name_plural': 'options of services',
                'ordering': ['position', 'code'],
            },
        ),
        migrations.RunPython(name_options, migrations.RunPython.noop),
    ]
