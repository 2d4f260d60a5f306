"""The growing table of this app, by months of its id."""

from django.db import migrations
from django.utils import timezone

from audit.partitions import partition_by_id


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(
            partition_by_id("audit_accessrecord", {"audit_access_actor": "actor, id", "audit_access_request": "request_id"}, timezone.now()),
            migrations.RunSQL.noop,
        )
    ]
