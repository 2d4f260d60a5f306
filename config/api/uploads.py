"""The one way files come in: multipart bodies, refused by their announced length before anything is read."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from rest_framework.parsers import DataAndFiles, MultiPartParser

from config.api.problems import Problem

ENVELOPE = 64 * 1024  # what boundaries, headers and small fields around a file may take


def too_large() -> Problem:
    detail = f"A file may have {settings.ATTACHMENT_MAX_BYTES} bytes at most."
    return Problem(413, "file_too_large", detail, pointer="/file")


class BoundedFile(TemporaryFileUploadHandler):
    """Files go to disk as they arrive, and no further than the limit, whatever length was announced."""

    _taken = 0

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        if content_length > settings.ATTACHMENT_MAX_BYTES + ENVELOPE:
            raise too_large()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._taken += len(raw_data)
        if self._taken > settings.ATTACHMENT_MAX_BYTES:
            raise too_large()
        super().receive_data_chunk(raw_data, start)


class FileParser(MultiPartParser):
    """multipart/form-data with one file."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> "DataAndFiles[Any, Any]":
        answer: DataAndFiles[Any, Any] = super().parse(stream, media_type, parser_context)
        for name in (*answer.data, *answer.files):
            if name != "file":
                detail = "Send one part named file, and nothing else."
                raise Problem(400, "unknown_field", detail, pointer=f"/{name[:40]}")
        return answer
