"""The bytes of attachments: put into and taken out of whatever storage the settings name `attachments`."""

import hashlib
from collections.abc import Iterator
from typing import IO

from django.core.files.base import File
from django.core.files.storage import storages

ALIAS = "attachments"
CHUNK = 64 * 1024


def digest(file: IO[bytes]) -> str:
    """SHA-256 of all that is in it, in hex; the file is at its beginning again afterwards."""
    file.seek(0)
    found = hashlib.sha256()
    while chunk := file.read(CHUNK):
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()


def put(name: str, file: File[bytes]) -> str:
    """Write it in pieces; the name under which it can be read."""
    return storages[ALIAS].save(name, file)


def read(name: str) -> File[bytes]:
    """Raises FileNotFoundError."""
    return storages[ALIAS].open(name)


def remove(name: str) -> None:
    storages[ALIAS].delete(name)


def names(directory: str = "") -> Iterator[str]:
    """All that is stored, walked one directory at a time."""
    try:
        folders, files = storages[ALIAS].listdir(directory)
    except FileNotFoundError:
        return
    prefix = f"{directory}/" if directory else ""
    yield from (prefix + file for file in files)
    for folder in folders:
        yield from names(prefix + folder)
