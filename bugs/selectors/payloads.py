"""Payloads of reports as they were kept: zstd, mostly with a dictionary of their project, which the frame names."""

import threading
from functools import lru_cache
from uuid import UUID

import zstandard

from bugs.models import PayloadDictionary

LEVEL = 3  # of compression; 9 is six times the work for a tenth less
PAYLOAD_MAX = 8 * 1024 * 1024  # unpacked; ingest keeps far less
HEAD = 18  # bytes of a frame that tell of it (RFC 8878)
DICTIONARIES_MAX, DECOMPRESSORS_MAX = 64, 64  # of one process, those used last


class Unreadable(ValueError):
    """A payload that is larger than any that was kept, or one whose dictionary is gone."""


def unpack(payload: bytes | memoryview) -> bytes:
    """The JSON text of a payload. Its frame says how long that is, as ours do."""
    packed = bytes(payload)
    frame = zstandard.get_frame_parameters(packed)
    if frame.content_size > PAYLOAD_MAX:
        raise Unreadable(f"A payload of {frame.content_size} bytes is larger than {PAYLOAD_MAX}.")
    text: bytes = _decompressor(frame.dict_id, threading.get_ident()).decompress(packed)
    return text


def dictionary_of(head: bytes | memoryview) -> int:
    """The id of the dictionary that a payload needs, by its first `HEAD` bytes; 0 when it needs none."""
    found: int = zstandard.get_frame_parameters(bytes(head)).dict_id
    return found


def newest_dictionary(project_id: UUID) -> int:
    """The id of the dictionary that new payloads of a project are packed with; 0 when it has none."""
    newest = PayloadDictionary.objects.filter(project=project_id).order_by("-id")
    return newest.values_list("id", flat=True).first() or 0


def dictionary_bytes(dictionary_id: int) -> bytes:
    """Rows of dictionaries never change: what was read once is right for ever."""
    data = PayloadDictionary.objects.filter(pk=dictionary_id).values_list("data", flat=True).first()
    if data is None:
        raise Unreadable(f"The dictionary {dictionary_id} is gone.")
    return bytes(data)


@lru_cache(maxsize=DICTIONARIES_MAX)
def _dictionary(dictionary_id: int) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(dictionary_bytes(dictionary_id))


@lru_cache(maxsize=DECOMPRESSORS_MAX)
def _decompressor(dictionary_id: int, thread: int) -> zstandard.ZstdDecompressor:
    """One for each thread: they are not to be shared."""
    return zstandard.ZstdDecompressor(dict_data=_dictionary(dictionary_id) if dictionary_id else None)
