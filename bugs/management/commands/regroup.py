"""Groups the stored reports of a project anew, after its rules or those of the server changed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.actors import SYSTEM
from bugs.ingest import regrouping as runner
from bugs.ingest.grouping import VERSION
from bugs.models import Project, Regrouping
from bugs.selectors import regroupings
from bugs.services import regrouping

SLICE_SECONDS = 2.0


class Command(BaseCommand):
    help = "Group the stored reports of a project anew: those of groups that an older version of the rules made."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="the key of the project")
        parser.add_argument("--all", action="store_true", dest="is_all", help="all groups, for rules of the project")

    def handle(self, *args: Any, project: str, is_all: bool, verbosity: int, **options: Any) -> None:
        place = Project.objects.filter(key=project).first()
        if place is None:
            raise CommandError(f"There is no project {project}.")
        asked = 0
        for group_ids in regroupings.groups_in_chunks(place.pk, older_than="" if is_all else VERSION):
            regrouping.enqueue(place.pk, group_ids, by=SYSTEM)
            asked += len(group_ids)
        self._say(verbosity, f"{asked:,} groups to look at")
        while runner.run_due(SLICE_SECONDS):
            left = Regrouping.objects.filter(project=place, finished_at=None).count()
            self._say(verbosity, f"{left:,} left")
        left = Regrouping.objects.filter(project=place, finished_at=None).count()
        self._say(verbosity, f"{left:,} are with workers, or wait for another attempt" if left else "done")

    def _say(self, verbosity: int, text: str) -> None:
        if verbosity:
            self.stdout.write(text)
            self.stdout.flush()
