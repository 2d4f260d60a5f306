"""Counts all bugs and errors again and puts the rollups of analytics right; everybody may go on writing."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bugs.models import Project
from bugs.services import folding, recounting

TELL_SECONDS = 2.0


class Command(BaseCommand):
    help = "Count all bugs and errors again and put the rollups of analytics right."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", help="the key of one project; all without it")

    def handle(self, *args: Any, project: str | None, verbosity: int, **options: Any) -> None:
        projects = Project.objects.filter(key=project) if project else Project.objects.all()
        if project and not projects:
            raise CommandError(f"There is no project {project}.")
        self.began = self.told = time.monotonic()
        for place, one in enumerate(projects.order_by("number"), start=1):
            facts = wrong = 0
            for chunk in recounting.recount(one.pk):
                facts, wrong = facts + chunk.facts, wrong + chunk.wrong
                self._tell(verbosity, f"{one.key} ({place} of {len(projects)}): {facts:,} so far, {chunk.measure}")
            folding.fold()
            if verbosity:
                self.stdout.write(f"{one.key}: {wrong:,} rows put right of {facts:,} counted")

    def _tell(self, verbosity: int, progress: str) -> None:
        """Now and then, or each time when asked to say more."""
        now = time.monotonic()
        if verbosity > 1 or (verbosity and now - self.told > TELL_SECONDS):
            self.told = now
            self.stdout.write(f"{now - self.began:6.0f} s  {progress}")
            self.stdout.flush()
