"""Whether a receipt of an erasure is genuine, and whether it is about someone: without the database."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import signing
from bugs.privacy import identity
from bugs.services import erasures


class Command(BaseCommand):
    help = "Check the receipt of an erasure: its signature, and whom it is about."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the receipt, as JSON")
        parser.add_argument("--person", help="is it about this address or name?")
        parser.add_argument("--public-key", action="append", default=[], help="base64; may be repeated")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            receipt = json.loads(options["file"].read_text())
            genuine = erasures.is_genuine(receipt, signing.trusted(options["public_key"]))
        except (OSError, ValueError, AttributeError) as error:
            raise CommandError(f"This is no receipt: {error}") from None
        if not genuine:
            raise CommandError("The signature is not of this receipt, or of a key that is not known here.")
        if options["person"] and not identity.keeps(receipt["person"], options["person"]):
            raise CommandError("The receipt is genuine, and about someone else.")
        about = f", about {options['person']}" if options["person"] else ""
        self.stdout.write(f"Genuine: erasure {receipt['erasure']}, done {receipt['finished_at']}{about}.")
