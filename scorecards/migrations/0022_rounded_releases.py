import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from scorecards.storage.partitions import CreatePartitionedModel

# The states of a published release are frozen with it (0007).
FREEZE = """
CREATE TRIGGER cellstate_is_frozen BEFORE UPDATE OR DELETE ON scorecards_cellstate
    FOR EACH ROW EXECUTE FUNCTION scorecards_refuse_change();
CREATE TRIGGER cellstate_takes_no_more AFTER INSERT ON scorecards_cellstate
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION scorecards_refuse_addition();
"""
THAW = """
DROP TRIGGER cellstate_is_frozen ON scorecards_cellstate;
DROP TRIGGER cellstate_takes_no_more ON scorecards_cellstate;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('scorecards', '0021_alarms_of_classes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreatePartitionedModel(
            partition_by='period',
            name='CellState',
            fields=[
                ('pk', models.CompositePrimaryKey('period', 'release_id', 'indicator', 'service', 'provider_kind', 'place_code', 'self_assessment', blank=True, editable=False, primary_key=True, serialize=False)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scorecards.release')),
                ('period', models.CharField(max_length=7)),
                ('indicator', models.CharField(max_length=10)),
                ('service', models.CharField(blank=True, max_length=60)),
                ('provider_kind', models.CharField(max_length=20)),
                ('place_code', models.CharField(blank=True, max_length=8)),
                ('self_assessment', models.BooleanField(default=False)),
                ('met', models.IntegerField(help_text='true number')),
                ('not_met', models.IntegerField(help_text='true number')),
                ('kept_met', models.IntegerField(help_text='as printed; null: not printed', null=True)),
                ('kept_not_met', models.IntegerField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='votegap',
            name='vote_gap_needs_five_on_both_sides',
        ),
        migrations.RenameField(model_name='release', old_name='shown', new_name='printed'),
        migrations.AddField(
            model_name='release',
            name='gaps',
            field=models.PositiveIntegerField(default=0, help_text='groups of voters with a figure'),
        ),
        migrations.AlterField(
            model_name='release',
            name='printed',
            field=models.PositiveIntegerField(default=0, help_text='cells with a figure'),
        ),
        migrations.AddField(
            model_name='release',
            name='repeated',
            field=models.PositiveIntegerField(default=0, help_text='of them, as an earlier release'),
        ),
        migrations.AddField(
            model_name='release',
            name='rules',
            field=models.CharField(choices=[('rounded', 'rounded'), ('suppressed', 'published under earlier rules')], default='suppressed', max_length=10),
        ),
        migrations.AlterField(
            model_name='release',
            name='rules',
            field=models.CharField(choices=[('rounded', 'rounded'), ('suppressed', 'published under earlier rules')], default='rounded', max_length=10),
        ),
        migrations.AddField(
            model_name='release',
            name='secret_mark',
            field=models.CharField(blank=True, help_text='which secret rounded it: a hash, not the secret', max_length=16),
        ),
        migrations.AddField(
            model_name='release',
            name='withdrawn',
            field=models.PositiveIntegerField(default=0, help_text='cells being corrected'),
        ),
        migrations.AddField(
            model_name='votegap',
            name='others_satisfied',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='votegap',
            name='others_share',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='votegap',
            name='satisfied',
            field=models.IntegerField(help_text='votes of 4 or 5 of the group, rounded', null=True),
        ),
        migrations.AddField(
            model_name='votegap',
            name='share',
            field=models.FloatField(help_text='satisfied / voters; only of a release', null=True),
        ),
        migrations.AddField(
            model_name='votegap',
            name='share_gap',
            field=models.FloatField(help_text='share minus others_share', null=True),
        ),
        migrations.AddField(
            model_name='votegap',
            name='share_high',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='votegap',
            name='share_low',
            field=models.FloatField(null=True),
        ),
        migrations.AlterField(
            model_name='release',
            name='breaches',
            field=models.PositiveIntegerField(default=0, help_text='rows that failed the last check'),
        ),
        migrations.AlterField(
            model_name='release',
            name='cells',
            field=models.PositiveIntegerField(default=0, help_text='earlier rules: cells considered'),
        ),
        migrations.AlterField(
            model_name='release',
            name='hidden',
            field=models.PositiveIntegerField(default=0, help_text='earlier rules: cells hidden'),
        ),
        migrations.AlterField(
            model_name='release',
            name='state',
            field=models.CharField(choices=[('preparing', 'being prepared'), ('audited', 'prepared, waits for a second person to approve it'), ('approved', 'approved, is checked once more and then published'), ('failed', 'did not pass the check'), ('published', 'published'), ('set_aside', 'set aside')], default='preparing', max_length=10),
        ),
        migrations.AlterField(
            model_name='votegap',
            name='status',
            field=models.CharField(help_text='shown, or withdrawn: being corrected', max_length=9),
        ),
        migrations.AlterField(
            model_name='votegap',
            name='voters',
            field=models.IntegerField(help_text='of the group; of a release rounded', null=True),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by', None), ('rules', 'suppressed'), models.Q(('prepared_by__isnull', False), models.Q(('approved_by', models.F('prepared_by')), _negated=True)), _connector='OR'), name='release_needs_two_people', violation_error_message='A second person has to approve this release.'),
        ),
        migrations.AddConstraint(
            model_name='votegap',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('gap', None), ('mean', None), ('others', None), ('status', 'hidden'), ('voters', None)), models.Q(('gap__isnull', False), ('others__gte', 5), ('status', 'shown'), ('voters__gte', 5)), models.Q(('others__gte', 9), ('share_gap__isnull', False), ('status', 'shown'), ('voters__gte', 9)), models.Q(('gap', None), ('others', None), ('share_gap', None), ('status', 'withdrawn'), ('voters', None)), _connector='OR'), name='vote_gap_needs_five_on_both_sides'),
        ),
        migrations.AddConstraint(
            model_name='votegap',
            constraint=models.CheckConstraint(condition=models.Q(('share_gap', None), models.Q(('gap', None), ('mean', None), ('others_mean', None)), _connector='OR'), name='vote_gap_means_are_exact_or_absent'),
        ),
        migrations.AddConstraint(
            model_name='cellstate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kept_met', None), ('kept_not_met', None)), models.Q(('kept_met__gte', 0), ('kept_not_met__gte', 0)), _connector='OR'), name='state_prints_both_sides_or_neither'),
        ),
        migrations.AddConstraint(
            model_name='cellstate',
            constraint=models.CheckConstraint(condition=models.Q(('met__gte', 0), ('not_met__gte', 0)), name='state_counts_people'),
        ),
        migrations.RunSQL(FREEZE, THAW),
    ]
