"""Counts all bugs and errors again and puts the rollups of analytics right; everybody may go on writing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bugs.models import Project
from bugs.services import folding, recounting


class Command(BaseCommand):
    help = "Count all bugs and errors again and put the rollups of analytics right."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", help="the key of one project; all without it")

    def handle(self, *args: Any, project: str | None, **options: Any) -> None:
        projects = Project.objects.filter(key=project) if project else Project.objects.all()
        if project and not projects:
            raise CommandError(f"There is no project {project}.")
        for one in projects.order_by("number"):
            wrong = 0
            for chunk in recounting.recount(one.pk):
                wrong += chunk.wrong
                if options["verbosity"] > 1:
                    self.stdout.write(f"{one.key} {chunk.measure} {chunk.start:%Y-%m-%d}: {chunk.wrong} put right")
            folding.fold()
            self.stdout.write(f"{one.key}: {wrong} rows put right")
