"""The growing table of this app, by months of its id."""

from django.db import migrations
from django.utils import timezone

from audit.partitions import partition_by_id


class Migration(migrations.Migration):
    dependencies = [("bugs", "0001_initial")]
    operations = [
        migrations.RunSQL(
            partition_by_id("bugs_errorreport", {"bugs_report_group": "project_id, group_id, id"}, timezone.now()),
            migrations.RunSQL.noop,
        )
    ]
