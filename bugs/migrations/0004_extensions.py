"""pg_trgm compares words by their trigrams."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("bugs", "0003_newest_of_all")]
    operations = [TrigramExtension()]
