"""`manage.py digest_again`: envelopes that could not be read, and were set aside, are tried anew."""

from typing import Any

from django.core.management.base import BaseCommand

from bugs.ingest.digest import claims


class Command(BaseCommand):
    help = "Try envelopes again that could not be read after many attempts: after an update that reads them, say."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{claims.again()} envelopes will be tried again.")
