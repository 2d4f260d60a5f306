"""The machine half: arrivals and what became of them, rules and moves of groups, feedback, sessions in numbers."""

import audit.identifiers
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bugs', '0008_statistics'),
    ]

    operations = [
        migrations.CreateModel(
            name='Arrival',
            fields=[
                ('id', models.UUIDField(default=audit.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('project_id', models.UUIDField()),
                ('event_id', models.UUIDField(null=True)),
                ('received_at', models.DateTimeField()),
                ('peer', models.CharField(blank=True, max_length=45)),
                ('size', models.PositiveIntegerField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('leased_until', models.DateTimeField(null=True)),
                ('encoding', models.CharField(db_default='zstd', max_length=8)),
                ('body', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='ContextDelta',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('group_id', models.UUIDField()),
                ('texts', models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name='Feedback',
            fields=[
                ('id', models.UUIDField(default=audit.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('event_id', models.UUIDField(null=True)),
                ('name', models.CharField(blank=True, max_length=128)),
                ('email', models.CharField(blank=True, max_length=254)),
                ('url', models.CharField(blank=True, max_length=500)),
                ('message', models.TextField(max_length=4096)),
                ('source', models.CharField(max_length=12)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='GroupFrame',
            fields=[
                ('pk', models.CompositePrimaryKey('project_id', 'frame', 'kind', 'group_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('project_id', models.UUIDField()),
                ('frame', models.BigIntegerField()),
                ('kind', models.BigIntegerField()),
                ('group_id', models.UUIDField()),
                ('depth', models.PositiveSmallIntegerField()),
                ('is_own', models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name='GroupingRule',
            fields=[
                ('id', models.UUIDField(default=audit.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('name', models.CharField(max_length=100)),
                ('match', models.JSONField()),
                ('fingerprint', models.JSONField(default=list)),
                ('component', models.CharField(blank=True, max_length=100)),
                ('severity', models.CharField(blank=True, choices=[('low', 'Low'), ('medium', 'Medium'), ('high', 'High'), ('critical', 'Critical')], max_length=8)),
                ('is_ignored', models.BooleanField(default=False)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='GroupMove',
            fields=[
                ('id', models.UUIDField(default=audit.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=8)),
                ('before', models.JSONField()),
                ('similarity', models.FloatField(null=True)),
                ('actor', models.CharField(max_length=80)),
                ('moved_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='OutcomeDelta',
            fields=[
                ('project_id', models.UUIDField(null=True)),
                ('hour', models.DateTimeField()),
                ('category', models.CharField(max_length=20)),
                ('outcome', models.CharField(max_length=16)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('quantity', models.IntegerField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OutcomeTotal',
            fields=[
                ('project_id', models.UUIDField(null=True)),
                ('hour', models.DateTimeField()),
                ('category', models.CharField(max_length=20)),
                ('outcome', models.CharField(max_length=16)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('quantity', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='PayloadDictionary',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('data', models.BinaryField()),
                ('trained_at', models.DateTimeField()),
                ('checked_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='RefusedEvent',
            fields=[
                ('id', models.UUIDField(default=audit.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('project_id', models.UUIDField()),
                ('event_id', models.UUIDField()),
                ('outcome', models.CharField(max_length=16)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SessionCount',
            fields=[
                ('pk', models.CompositePrimaryKey('project_id', 'release', 'environment', 'hour', blank=True, editable=False, primary_key=True, serialize=False)),
                ('project_id', models.UUIDField()),
                ('release', models.CharField(max_length=200)),
                ('environment', models.CharField(max_length=64)),
                ('hour', models.DateTimeField()),
                ('exited', models.PositiveIntegerField(default=0)),
                ('errored', models.PositiveIntegerField(default=0)),
                ('crashed', models.PositiveIntegerField(default=0)),
                ('abnormal', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='codechange',
            name='bugs_change_once',
        ),
        migrations.RemoveIndex(
            model_name='errorgroup',
            name='bugs_group_recent',
        ),
        migrations.AddField(
            model_name='codechange',
            name='project',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='bugs.project'),
        ),
        # A commit that several releases named stays in the one that named it last.
        migrations.RunSQL(
            """
            UPDATE bugs_codechange c SET project_id = r.project_id FROM bugs_release r WHERE r.id = c.release_id;
            DELETE FROM bugs_codechange c USING bugs_codechange o
            WHERE o.project_id = c.project_id AND o.commit = c.commit AND o.id > c.id;
            SET CONSTRAINTS ALL IMMEDIATE;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name='codechange',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='bugs.project'),
        ),
        migrations.AddField(
            model_name='errorgroup',
            name='last_release',
            field=models.CharField(blank=True, db_default='', max_length=200),
        ),
        migrations.AddField(
            model_name='errorgroup',
            name='merged_into',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='members', to='bugs.errorgroup'),
        ),
        migrations.AddField(
            model_name='errorgroup',
            name='spiking_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='project',
            name='attaches_similar',
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name='project',
            name='bugs_from',
            field=models.CharField(choices=[('error', 'Error'), ('fatal', 'Fatal'), ('none', 'None')], db_default='error', default='error', max_length=8),
        ),
        migrations.AddField(
            model_name='project',
            name='events_per_minute',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='project',
            name='retention_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='project',
            name='reports_from',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='release',
            name='commit',
            field=models.CharField(blank=True, db_default='', max_length=64),
        ),
        migrations.AddField(
            model_name='seenevent',
            name='report_id',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='session',
            name='duration',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='session',
            name='is_tracked',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='session',
            name='sequence',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='codechange',
            name='release',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='changes', to='bugs.release'),
        ),
        migrations.AddIndex(
            model_name='codechange',
            index=models.Index(models.F('project'), models.OrderBy(models.F('committed_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='bugs_change_newest'),
        ),
        migrations.AddField(
            model_name='codechange',
            name='is_named',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name='codechange',
            index=models.Index(condition=models.Q(('release', None)), fields=['project', 'id'], name='bugs_change_waiting'),
        ),
        migrations.AddIndex(
            model_name='release',
            index=models.Index(condition=models.Q(('commit', ''), _negated=True), fields=['project', 'commit'], name='bugs_release_head'),
        ),
        migrations.AddIndex(
            model_name='sessioncount',
            index=models.Index(fields=['project_id', 'hour'], name='bugs_sessioncount_hour'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(models.F('project'), models.F('release'), models.OrderBy(models.F('started_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='bugs_session_release'),
        ),
        migrations.AddConstraint(
            model_name='codechange',
            constraint=models.UniqueConstraint(fields=('project', 'commit'), name='bugs_change_once'),
        ),
        migrations.AddIndex(
            model_name='arrival',
            index=models.Index(fields=['project_id', 'id'], name='bugs_arrival_order'),
        ),
        migrations.AddField(
            model_name='feedback',
            name='bug',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='feedback', to='bugs.bug'),
        ),
        migrations.AddField(
            model_name='feedback',
            name='error_bug',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='bugs.bug'),
        ),
        migrations.AddField(
            model_name='feedback',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='bugs.project'),
        ),
        migrations.AddIndex(
            model_name='groupframe',
            index=models.Index(fields=['group_id'], name='bugs_frame_group'),
        ),
        migrations.AddField(
            model_name='groupingrule',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grouping_rules', to='bugs.project'),
        ),
        migrations.AddField(
            model_name='errorgroup',
            name='rule',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='bugs.groupingrule'),
        ),
        migrations.AddIndex(
            model_name='errorgroup',
            index=models.Index(models.F('project'), models.OrderBy(models.F('last_seen_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('merged_into', None)), name='bugs_group_recent'),
        ),
        migrations.AddIndex(
            model_name='errorgroup',
            index=models.Index(condition=models.Q(('spiking_since__isnull', False)), fields=['project'], name='bugs_group_spiking'),
        ),
        migrations.AddField(
            model_name='groupmove',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='bugs.errorgroup'),
        ),
        migrations.AddField(
            model_name='groupmove',
            name='into',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='bugs.errorgroup'),
        ),
        migrations.AddConstraint(
            model_name='outcometotal',
            constraint=models.UniqueConstraint(fields=('project_id', 'hour', 'category', 'outcome', 'reason'), name='bugs_outcome_total', nulls_distinct=False),
        ),
        migrations.AddField(
            model_name='payloaddictionary',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='bugs.project'),
        ),
        migrations.AddIndex(
            model_name='refusedevent',
            index=models.Index(fields=['project_id', 'event_id'], name='bugs_refused_event'),
        ),
        migrations.AddIndex(
            model_name='feedback',
            index=models.Index(models.F('project'), models.OrderBy(models.F('created_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='bugs_feedback_newest'),
        ),
        migrations.AddIndex(
            model_name='feedback',
            index=models.Index(models.F('error_bug'), models.OrderBy(models.F('created_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='bugs_feedback_error'),
        ),
        migrations.AddIndex(
            model_name='feedback',
            index=models.Index(condition=models.Q(('error_bug', None), ('event_id__isnull', False)), fields=['project', 'event_id'], name='bugs_feedback_unlinked'),
        ),
        migrations.AddIndex(
            model_name='groupmove',
            index=models.Index(models.F('group'), models.OrderBy(models.F('moved_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='bugs_move_newest'),
        ),
        migrations.AddIndex(
            model_name='payloaddictionary',
            index=models.Index(models.F('project'), models.OrderBy(models.F('id'), descending=True), name='bugs_dictionary_newest'),
        ),
        migrations.CreateModel(
            name='Regrouping',
            fields=[
                ('id', models.UUIDField(default=audit.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('actor', models.CharField(max_length=80)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('epoch', models.PositiveIntegerField(default=0)),
                ('leased_until', models.DateTimeField()),
                ('is_moving', models.BooleanField(default=False)),
                ('after', models.UUIDField(null=True)),
                ('found', models.JSONField(default=dict)),
                ('looked_at', models.PositiveIntegerField(default=0)),
                ('moved', models.PositiveIntegerField(default=0)),
                ('reason', models.CharField(blank=True, max_length=20)),
                ('requested_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='regroupings', to='bugs.errorgroup')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='bugs.project')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('finished_at', None)), fields=['leased_until'], name='bugs_regrouping_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('finished_at', None)), fields=('group',), name='bugs_regrouping_once')],
            },
        ),
        # What is compressed already is not to be tried again by PostgreSQL.
        migrations.RunSQL(
            [
                "ALTER TABLE bugs_errorreport ALTER COLUMN payload SET STORAGE EXTERNAL",
                "ALTER TABLE bugs_arrival ALTER COLUMN body SET STORAGE EXTERNAL",
            ],
            migrations.RunSQL.noop,
        ),
    ]
