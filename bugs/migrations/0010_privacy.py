"""Personal data: what was taken out of texts, who reported, what they agreed to, who is to be forgotten."""

import audit.identifiers
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bugs', '0009_errors_come_in'),
    ]

    operations = [
        migrations.AddField(
            model_name='attachment',
            name='originals',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='attachment',
            name='redaction_version',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='bug',
            name='originals',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='bug',
            name='redaction_version',
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name='comment',
            name='originals',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='comment',
            name='redaction_version',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='commentedit',
            name='originals',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='commentedit',
            name='redaction_version',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='errorgroup',
            name='redaction_version',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='errorreport',
            name='originals',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='errorreport',
            name='redaction_version',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='feedback',
            name='originals',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='feedback',
            name='redaction_version',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='project',
            name='privacy',
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='project',
            name='privacy_version',
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.CreateModel(
            name='Reporter',
            fields=[
                ('id', models.UUIDField(default=audit.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('identity', models.BinaryField(null=True)),
                ('blind', models.BinaryField(max_length=18, null=True)),
                ('created_at', models.DateTimeField()),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='bugs.project')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.UUIDField(default=audit.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.CharField(choices=[('support', 'Support'), ('analysis', 'Analysis'), ('sharing', 'Sharing')], max_length=12)),
                ('is_granted', models.BooleanField()),
                ('source', models.CharField(blank=True, max_length=100)),
                ('actor', models.CharField(max_length=80)),
                ('decided_at', models.DateTimeField()),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='bugs.project')),
                ('reporter', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='bugs.reporter')),
            ],
        ),
        migrations.AddField(
            model_name='feedback',
            name='reporter',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='bugs.reporter'),
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.UUIDField(default=audit.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done')], default='queued', max_length=8)),
                ('stage', models.CharField(blank=True, max_length=20)),
                ('last', models.UUIDField(null=True)),
                ('counts', models.JSONField(default=dict)),
                ('actor', models.CharField(max_length=80)),
                ('leased_until', models.DateTimeField(null=True)),
                ('epoch', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('project_ids', models.JSONField(default=list)),
                ('identity', models.BinaryField(null=True)),
                ('receipt', models.JSONField(null=True)),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(models.OrderBy(models.F('created_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='bugs_erasure_newest'), models.Index(condition=models.Q(('finished_at', None)), fields=['created_at'], name='bugs_erasure_open')],
            },
        ),
        migrations.CreateModel(
            name='Redaction',
            fields=[
                ('id', models.UUIDField(default=audit.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done')], default='queued', max_length=8)),
                ('stage', models.CharField(blank=True, max_length=20)),
                ('last', models.UUIDField(null=True)),
                ('counts', models.JSONField(default=dict)),
                ('actor', models.CharField(max_length=80)),
                ('leased_until', models.DateTimeField(null=True)),
                ('epoch', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('version', models.PositiveIntegerField()),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='bugs.project')),
            ],
            options={
                'indexes': [models.Index(models.F('project'), models.OrderBy(models.F('id'), descending=True), name='bugs_redaction_newest')],
            },
        ),
        migrations.AddConstraint(
            model_name='reporter',
            constraint=models.UniqueConstraint(fields=('project', 'blind'), name='bugs_reporter_identity'),
        ),
        migrations.AddConstraint(
            model_name='reporter',
            constraint=models.UniqueConstraint(fields=('project', 'user'), name='bugs_reporter_user'),
        ),
        migrations.AddIndex(
            model_name='consent',
            index=models.Index(models.F('reporter'), models.F('purpose'), models.OrderBy(models.F('id'), descending=True), name='bugs_consent_newest'),
        ),
        migrations.AddIndex(
            model_name='consent',
            index=models.Index(models.F('project'), models.OrderBy(models.F('decided_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='bugs_consent_decided'),
        ),
        migrations.AddIndex(
            model_name='consent',
            index=models.Index(condition=models.Q(('is_granted', False)), fields=['project', 'purpose', 'decided_at'], name='bugs_consent_taken_back'),
        ),
    ]
