"""`manage.py reset_totp USER`: the phone is lost, and so are the recovery codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.actors import SYSTEM
from bugs.models import User
from bugs.services import authenticators


class Command(BaseCommand):
    help = "Take a person's authenticator and recovery codes away and end their sessions; the next visit enrols anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is nobody with the name {username}.")
        authenticators.reset(user, by=SYSTEM)
        self.stdout.write(f"{username} enrols a new authenticator at the next visit of /admin/; all sessions are over.")
