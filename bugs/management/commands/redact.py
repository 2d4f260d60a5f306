"""Reads the texts of projects again under the rules of redaction that they have now, here and with progress."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bugs.ingest import redaction_work
from bugs.models import Project, Redaction
from bugs.selectors import privacy
from bugs.services import privacy as rules
from bugs.services import redacting

Turn = tuple[Project, Redaction]


class Command(BaseCommand):
    help = "Read texts again under the present rules of redaction; what workers have begun is gone on with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", help="the key of one project; all of them without")

    def handle(self, *args: Any, project: str | None, verbosity: int, **options: Any) -> None:
        projects = Project.objects.order_by("key")
        if project and not projects.filter(key=project).exists():
            raise CommandError(f"There is no project {project}.")
        turns = [self._begin(each) for each in (projects.filter(key=project) if project else projects)]
        while turns := [turn for turn in turns if turn is not None]:
            turns = [self._work(*turn, verbosity) for turn in turns]

    def _begin(self, project: Project) -> Turn | None:
        work = redacting.claim(self._open(project))
        if work is None:
            self.stdout.write(f"{project.key}: a worker is at it")
        return (project, work) if work else None

    def _work(self, project: Project, work: Redaction, verbosity: int) -> Turn | None:
        """As far as it goes without waiting; while one project waits, others have their turn."""
        if until := redacting.rests_until(work):
            time.sleep(max(0.0, (until - timezone.now()).total_seconds()))
        for state in redaction_work.run(work):
            if verbosity > 1:
                self._say(project, state)
            if redacting.rests_until(work):
                return project, work
        self._say(project, work)
        return None

    def _open(self, project: Project) -> Any:
        """The work that is not done yet, or new one."""
        present = privacy.newest(project.pk, version=privacy.version_of(project.privacy_version))
        return present.pk if present and present.finished_at is None else rules.enqueue(project).pk

    def _say(self, project: Project, work: Redaction) -> None:
        done, total = work.counts.get("done", 0), work.counts.get("total", 0)
        changed = work.counts.get("changed", 0)
        self.stdout.write(f"{project.key}: {work.stage} {done:,} of {total:,}, {changed:,} changed")
        self.stdout.flush()
