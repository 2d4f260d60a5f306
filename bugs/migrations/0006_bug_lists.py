"""Indexes for lists of bugs: by change over many projects, and for values that few bugs have."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bugs", "0005_whole_record"),
    ]

    operations = [
        migrations.AlterField(
            model_name="bug",
            name="assignee",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="bug",
            name="project",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="bugs", to="bugs.project"
            ),
        ),
        migrations.AddIndex(
            model_name="bug",
            index=models.Index(
                models.OrderBy(models.F("updated_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="bugs_bug_changed_of_all",
            ),
        ),
        migrations.AddIndex(
            model_name="bug",
            index=models.Index(
                models.F("priority"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="bugs_bug_priority_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="bug",
            index=models.Index(
                models.F("bug_type"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="bugs_bug_type_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="bug",
            index=models.Index(
                models.F("release"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("release", ""), _negated=True),
                name="bugs_bug_release_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="bug",
            index=models.Index(
                models.F("environment"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("environment", ""), _negated=True),
                name="bugs_bug_environment_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="bug",
            index=models.Index(
                models.F("resolution"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("resolution", ""), _negated=True),
                name="bugs_bug_resolution_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="bug",
            index=models.Index(
                models.F("error_level"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("error_level", ""), _negated=True),
                name="bugs_bug_error_level_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="bug",
            index=models.Index(
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("attachment_count__gt", 0)),
                name="bugs_bug_attached",
            ),
        ),
    ]
