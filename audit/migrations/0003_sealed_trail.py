"""Access records have a place in one order and personal fields only under a key; seals prove them and the events.

Addresses, user agents and whole paths of records from before are not carried over: they were plain text.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import audit.identifiers
import audit.models

_NEW_COLUMNS = """
    CREATE SEQUENCE audit_access_number;
    ALTER TABLE audit_accessrecord
        DROP COLUMN ip,
        DROP COLUMN user_agent,
        ADD COLUMN era integer NOT NULL DEFAULT 1,
        ADD COLUMN xid bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
        ADD COLUMN seq bigint NOT NULL DEFAULT nextval('audit_access_number'::regclass),
        ADD COLUMN person uuid NULL,
        ADD COLUMN outcome varchar(8) NOT NULL DEFAULT 'allowed',
        ADD COLUMN target varchar(80) NOT NULL DEFAULT '',
        ADD COLUMN targets integer NOT NULL DEFAULT 0 CHECK (targets >= 0),
        ADD COLUMN data_class varchar(8) NOT NULL DEFAULT '',
        ADD COLUMN size bigint NULL,
        ADD COLUMN count integer NOT NULL DEFAULT 1 CHECK (count >= 0),
        ADD COLUMN sealed bytea NULL,
        ALTER COLUMN path TYPE varchar(200) USING '';
    ALTER TABLE audit_accessrecord
        ALTER COLUMN era DROP DEFAULT,
        ALTER COLUMN outcome DROP DEFAULT,
        ALTER COLUMN target DROP DEFAULT,
        ALTER COLUMN targets DROP DEFAULT,
        ALTER COLUMN data_class DROP DEFAULT,
        ALTER COLUMN count DROP DEFAULT;
    UPDATE audit_accessrecord SET era = coalesce((SELECT max(id) FROM audit_era), 1),
        outcome = CASE WHEN status BETWEEN 400 AND 499 THEN 'refused' WHEN status BETWEEN 500 AND 599 THEN 'failed'
            ELSE 'allowed' END;
    CREATE INDEX audit_access_order ON audit_accessrecord (era, xid, seq);
    CREATE INDEX audit_access_target ON audit_accessrecord (target, id) WHERE NOT (target = '');
"""

# A trigger for each row holds for partitions that are made later too; one for TRUNCATE does not, so each of them gets
# its own (audit/partitions.py does the same for those to come).
_APPEND_ONLY = """
    CREATE TRIGGER audit_access_append_only BEFORE UPDATE OR DELETE ON audit_accessrecord
        FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
    CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE ON audit_seal
        FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
    CREATE TRIGGER audit_pruning_append_only BEFORE UPDATE OR DELETE ON audit_pruning
        FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
    CREATE TRIGGER audit_seal_no_truncate BEFORE TRUNCATE ON audit_seal
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
    CREATE TRIGGER audit_pruning_no_truncate BEFORE TRUNCATE ON audit_pruning
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
    DO $$ DECLARE part regclass; BEGIN
        FOR part IN SELECT relid FROM pg_partition_tree('audit_accessrecord') LOOP
            EXECUTE format('CREATE TRIGGER audit_access_no_truncate BEFORE TRUNCATE ON %s '
                'FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()', part);
        END LOOP;
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_partitions")]
    operations = [
        migrations.RunSQL(
            _NEW_COLUMNS,
            migrations.RunSQL.noop,
            state_operations=[
                migrations.RemoveField("accessrecord", "ip"),
                migrations.RemoveField("accessrecord", "user_agent"),
                migrations.AddField("accessrecord", "era", models.IntegerField(default=1), preserve_default=False),
                migrations.AddField("accessrecord", "xid", models.BigIntegerField(db_default=audit.models.CurrentTransaction())),
                migrations.AddField("accessrecord", "seq", models.BigIntegerField(db_default=audit.models.NextAccessNumber())),
                migrations.AddField("accessrecord", "person", models.UUIDField(null=True)),
                migrations.AddField("accessrecord", "outcome", models.CharField(max_length=8, default=""), preserve_default=False),
                migrations.AddField("accessrecord", "target", models.CharField(blank=True, max_length=80, default=""), preserve_default=False),
                migrations.AddField("accessrecord", "targets", models.PositiveIntegerField(default=0)),
                migrations.AddField("accessrecord", "data_class", models.CharField(blank=True, max_length=8, default=""), preserve_default=False),
                migrations.AddField("accessrecord", "size", models.BigIntegerField(null=True)),
                migrations.AddField("accessrecord", "count", models.PositiveIntegerField(default=1)),
                migrations.AddField("accessrecord", "sealed", models.BinaryField(null=True)),
                migrations.AlterField("accessrecord", "path", models.CharField(blank=True, max_length=200)),
                migrations.AddIndex("accessrecord", models.Index(fields=["era", "xid", "seq"], name="audit_access_order")),
                migrations.AddIndex("accessrecord", models.Index(fields=["target", "id"], name="audit_access_target", condition=~models.Q(target=""))),
            ],
        ),
        migrations.AddIndex("event", models.Index(fields=["actor", "id"], name="audit_event_actor")),
        migrations.CreateModel(
            name="PersonKey",
            fields=[
                ("id", models.UUIDField(default=audit.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ("person", models.CharField(max_length=80)),
                ("wrapped", models.BinaryField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={"indexes": [models.Index(fields=["person", "id"], name="audit_personkey_person")]},
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.UUIDField(default=audit.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ("format", models.PositiveSmallIntegerField()),
                ("chain", models.CharField(max_length=10)),
                ("number", models.BigIntegerField()),
                ("month", models.CharField(blank=True, max_length=7)),
                ("era", models.IntegerField()),
                ("first_xid", models.BigIntegerField()),
                ("first_seq", models.BigIntegerField()),
                ("last_xid", models.BigIntegerField()),
                ("last_seq", models.BigIntegerField()),
                ("count", models.PositiveIntegerField()),
                ("root", models.BinaryField()),
                ("previous", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
                ("key_id", models.CharField(max_length=16)),
                ("signature", models.BinaryField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["chain", "era", "last_xid", "last_seq"], name="audit_seal_place"),
                    models.Index(fields=["sealed_at", "id"], name="audit_seal_time"),
                ],
                "constraints": [models.UniqueConstraint(fields=("chain", "number"), name="audit_seal_number")],
            },
        ),
        migrations.CreateModel(
            name="SealLeaves",
            fields=[
                (
                    "seal",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="leaves",
                        serialize=False,
                        to="audit.seal",
                    ),
                ),
                ("hashes", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Pruning",
            fields=[
                ("id", models.UUIDField(default=audit.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ("format", models.PositiveSmallIntegerField()),
                ("chain", models.CharField(max_length=10)),
                ("month", models.CharField(max_length=7)),
                ("last_number", models.BigIntegerField()),
                ("rows", models.BigIntegerField()),
                ("pruned_at", models.DateTimeField()),
                ("key_id", models.CharField(max_length=16)),
                ("signature", models.BinaryField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("chain", "month"), name="audit_pruning_month")],
            },
        ),
        migrations.RunSQL(_APPEND_ONLY, migrations.RunSQL.noop),
    ]
