"""The words that a project's texts use: what a mistyped word of a search is compared with."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models

CONFIGURATION = "english"  # of PostgreSQL's text search: what stems are made and asked for with


class Word(models.Model):
    """One word of one project's bugs."""

    pk = models.CompositePrimaryKey("project_id", "word")
    project_id = models.UUIDField()
    word = models.CharField(max_length=60)

    class Meta:
        indexes = [GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="bugs_word_similar")]

    def __str__(self) -> str:
        return self.word
