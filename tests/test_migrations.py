"""Models and migrations say the same."""

import io

import pytest
from django.core.management import call_command


@pytest.mark.usefixtures("db")
def test_no_model_has_changed_without_a_migration() -> None:
    out = io.StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=out)
    except SystemExit:
        pytest.fail(f"migrations are missing:\n{out.getvalue()}")
