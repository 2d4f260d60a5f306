"""TLS of our own servers, where no proxy stands before them: 1.3 and nothing older."""

import ssl
from pathlib import Path
from typing import NamedTuple


class Unusable(ValueError):
    """A sentence for whoever set TLS_CERTIFICATE and TLS_KEY."""


class Identity(NamedTuple):
    """PEM files: the certificate with its chain, and its key."""

    certificate: str
    key: str


def identity(certificate: str, key: str) -> Identity | None:
    """The files that the environment names; None without them. Raises Unusable."""
    if not certificate and not key:
        return None
    if not certificate or not key:
        raise Unusable("Set both TLS_CERTIFICATE and TLS_KEY, or neither.")
    found = Identity(str(Path(certificate).resolve()), str(Path(key).resolve()))
    try:
        context(found)
        is_pkcs8 = "BEGIN PRIVATE KEY" in Path(found.key).read_text()
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise Unusable(f"TLS_CERTIFICATE and TLS_KEY cannot be used together: {error}") from None
    if not is_pkcs8:
        raise Unusable("TLS_KEY must be PKCS #8 without a password: openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW")
    return found


def context(identity: Identity) -> ssl.SSLContext:
    """For servers in Python."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.load_cert_chain(identity.certificate, identity.key, password=_no_password)
    return made


def _no_password() -> str:
    """OpenSSL would ask the terminal for one."""
    raise ValueError("the key has a password")
