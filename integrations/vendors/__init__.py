"""How each kind of connector speaks: a small file a vendor, and this table of them. Pure."""

import secrets
from collections.abc import Mapping
from typing import Any, Protocol

from integrations.vendors import github
from integrations.vendors.facts import Fact
from integrations.vendors.options import BadOptions

__all__ = ["KINDS", "BadOptions", "new_secret"]


class Vendor(Protocol):
    """What there is to know of a kind."""

    def checked(self, options: Mapping[str, Any], /) -> dict[str, Any]:
        """The options of a connector with those that were not given. Raises BadOptions."""

    def is_genuine(self, body: bytes, headers: Mapping[str, str], secret: str, /) -> bool:
        """Whether who has the secret sent these bytes."""

    def delivery(self, headers: Mapping[str, str], /) -> str:
        """What the sender calls this delivery, the same when it is sent again; empty when it has no name."""

    def read(self, body: bytes, headers: Mapping[str, str], options: Mapping[str, Any], /) -> Fact | None:
        """What is told; None when it is nothing to us. Raises lenient_json.Malformed."""


KINDS: dict[str, Vendor] = {"github": github}


def new_secret() -> str:
    return secrets.token_urlsafe(32)
