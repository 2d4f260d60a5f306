"""Reads the texts of projects again under the rules of redaction that they have now, here and with progress."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bugs.ingest import redaction_work
from bugs.models import Project, Redaction
from bugs.selectors import privacy
from bugs.services import privacy as rules
from bugs.services import redacting


class Command(BaseCommand):
    help = "Read texts again under the present rules of redaction; what workers have begun is gone on with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", help="the key of one project; all of them without")

    def handle(self, *args: Any, project: str | None, verbosity: int, **options: Any) -> None:
        projects = Project.objects.order_by("key")
        if project and not projects.filter(key=project).exists():
            raise CommandError(f"There is no project {project}.")
        for each in projects.filter(key=project) if project else projects:
            work = redacting.claim(self._open(each))
            if work is None:
                self.stdout.write(f"{each.key}: a worker is at it")
                continue
            for state in redaction_work.run(work):
                if verbosity > 1:
                    self._say(each, state)
            self._say(each, work)

    def _open(self, project: Project) -> Any:
        """The work that is not done yet, or new one."""
        present = privacy.newest(project.pk, version=privacy.version_of(project.privacy_version))
        return present.pk if present and present.finished_at is None else rules.enqueue(project).pk

    def _say(self, project: Project, work: Redaction) -> None:
        done, total = work.counts.get("done", 0), work.counts.get("total", 0)
        changed = work.counts.get("changed", 0)
        self.stdout.write(f"{project.key}: {work.stage} {done:,} of {total:,}, {changed:,} changed")
        self.stdout.flush()
