"""Many values as one parameter: thousands of placeholders take psycopg longer to read than PostgreSQL to look up."""

from collections.abc import Iterable
from typing import Any

from django.db.models.expressions import RawSQL


def one_of(values: Iterable[Any], kind: str) -> RawSQL:
    """For `field__in`: the values as one array of this type of PostgreSQL's."""
    return RawSQL(f"SELECT unnest(%s::{kind}[])", ([*values],))  # noqa: S611  # kind: a constant of the caller
