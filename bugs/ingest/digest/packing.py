"""Payloads as they are kept: zstd with what those of the project have in common, when that was learnt."""

import threading
import time
from functools import lru_cache
from uuid import UUID

import zstandard

from bugs.selectors import payloads

LOOK_SECONDS = 30  # how long a new dictionary of a project may go unnoticed
PROJECTS_MAX, DICTIONARIES_MAX, COMPRESSORS_MAX = 1_000, 32, 64  # of one process, those used last


def pack(project_id: UUID, payload: bytes, *, dictionary: int | None = None) -> bytes:
    """The frame of a payload; it names its dictionary, so that `payloads.unpack` needs nothing else.

    dictionary: its id, for those who know it.
    """
    newest = _newest(project_id, int(time.monotonic() // LOOK_SECONDS)) if dictionary is None else dictionary
    packed: bytes = _compressor(newest, threading.get_ident()).compress(payload)
    return packed


@lru_cache(maxsize=PROJECTS_MAX)
def _newest(project_id: UUID, now: int) -> int:
    return payloads.newest_dictionary(project_id)


@lru_cache(maxsize=DICTIONARIES_MAX)
def _dictionary(dictionary_id: int) -> zstandard.ZstdCompressionDict:
    """With its tables made once for all threads, which only read them."""
    found = zstandard.ZstdCompressionDict(payloads.dictionary_bytes(dictionary_id))
    found.precompute_compress(level=payloads.LEVEL)
    return found


@lru_cache(maxsize=COMPRESSORS_MAX)
def _compressor(dictionary_id: int, thread: int) -> zstandard.ZstdCompressor:
    """One for each thread: they are not to be shared."""
    if not dictionary_id:
        return zstandard.ZstdCompressor(level=payloads.LEVEL)
    return zstandard.ZstdCompressor(level=payloads.LEVEL, dict_data=_dictionary(dictionary_id))
