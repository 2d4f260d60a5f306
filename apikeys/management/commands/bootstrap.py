"""Makes what a first start needs: a project, an operator, a key. Prints one line of JSON; safe to repeat."""

import json
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from apikeys import selectors, services
from apikeys.authentication import principal_for_user
from audit import signing
from bugs import people


class Command(BaseCommand):
    help = "Make the demo project, its operator and one API key; secrets are printed the first time only."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        signing.public_key()  # makes the key that signs history, when there is none
        project = people.demo_project()
        password = secrets.token_urlsafe(12)
        operator, is_new = people.operator("operator", password)
        principal = principal_for_user(operator)
        key = None
        if not selectors.keys_for(principal).exists():
            _, key = services.issue(
                name="demo",
                owner_id=operator.pk,
                permissions=["read", "write", "export", "admin"],
                by=principal,
            )
        self.stdout.write(
            json.dumps(
                {
                    "project": project.key,
                    "operator": {"username": operator.username, "password": password if is_new else None},
                    "api_key": key,
                    "dsn": people.dsn_of(project, settings.PUBLIC_URL),
                }
            )
        )
