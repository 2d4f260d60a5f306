"""Learns what payloads of projects have in common, so that they are kept smaller; beat does it too."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bugs.models import Project
from bugs.services import dictionaries


class Command(BaseCommand):
    help = "Learn what payloads of error reports have in common, so that they are kept smaller."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", help="the key of one project, now; without it all those where it is due")

    def handle(self, *args: Any, project: str | None, **options: Any) -> None:
        if project is None:
            self.stdout.write(f"{dictionaries.train_due()} dictionaries were made.")
            return
        one = Project.objects.filter(key=project).first()
        if one is None:
            raise CommandError(f"There is no project {project}.")
        made = dictionaries.train(one.pk)
        self.stdout.write(
            f"Dictionary {made.pk} was made, {len(made.data)} bytes."
            if made
            else f"None was made: there are fewer than {dictionaries.REPORTS_MIN} reports, or the present one is good."
        )
