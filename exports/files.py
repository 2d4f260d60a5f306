"""Where export files lie: named by export and epoch, so that a dead epoch's file is known for what it is."""

import hashlib
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

PART = ".part"
_OURS = re.compile(r"(?P<export>[0-9a-f-]{36})\.(?P<epoch>\d{1,9})\.", re.ASCII)


class NewFile(io.RawIOBase):
    """A file under its temporary name that knows its size and SHA-256 as it grows."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.size, self._hash = path, 0, hashlib.sha256()
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._hash.update(data)
        self.size += len(data)
        return self._file.write(data)

    def sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()
        super().close()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "exports"


def name(export_id: UUID, epoch: int, form: str) -> str:
    return f"{export_id}.{epoch}.{form}"


def unfinished(file_name: str) -> Path:
    return folder() / f"{file_name}{PART}"


def publish(file_name: str) -> None:
    """Give a synced file its final name, durably."""
    unfinished(file_name).rename(folder() / file_name)
    descriptor = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def discard(file_name: str) -> None:
    """Remove what a run left, under either name."""
    unfinished(file_name).unlink(missing_ok=True)
    (folder() / file_name).unlink(missing_ok=True)


def discard_all(export_id: UUID) -> None:
    """Remove every file of an export."""
    for path in of_export(export_id):
        path.unlink(missing_ok=True)


def of_export(export_id: UUID) -> Iterator[Path]:
    return folder().glob(f"{export_id}.*")


def parts() -> dict[Path, tuple[UUID, int]]:
    """Every temporary file with the export and the epoch that it belongs to."""
    found = {}
    for path in folder().glob(f"*{PART}"):
        if match := _OURS.match(path.name):
            found[path] = (UUID(match["export"]), int(match["epoch"]))
    return found
