"""Reads the texts of all bugs again for search and filters; everybody may go on working."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bugs.models import Bug, Project
from bugs.services import indexing


class Command(BaseCommand):
    help = "Read the texts of all bugs again: the words that filters and search look in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", help="the key of one project; all without it")

    def handle(self, *args: Any, project: str | None, **options: Any) -> None:
        one = Project.objects.filter(key=project).first() if project else None
        if project and one is None:
            raise CommandError(f"There is no project {project}.")
        bugs = Bug.objects.filter(project=one) if one else Bug.objects.all()
        total, done = bugs.count(), 0
        for number in indexing.reindex_all(one.pk if one else None):
            done += number
            if options["verbosity"]:
                self.stdout.write(f"\r{done} of {total} bugs", ending="")
        self.stdout.write(f"\r{done} bugs read again")
