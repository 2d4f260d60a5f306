"""Checks a proof of one row; the database is not asked."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from audit import proofs, signing


class Command(BaseCommand):
    help = "Check a proof that /audit/access/{id}/proof/ or /audit/events/{id}/proof/ gave, without the database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--public-key", metavar="KEY", action="append", default=[], help="trust these keys alone")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            proof = orjson.loads(Path(options["file"]).read_bytes())
            statement = proofs.check(proof, signing.trusted(options["public_key"]))
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from None
        except (ValueError, proofs.BadProof) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"Proven: it was sealed so at {statement['sealed_at']}, as row {proof['index'] + 1} of "
            f"{statement['count']} in seal {statement['number']} of the chain {statement['chain']}."
        )
