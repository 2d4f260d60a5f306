"""What was sent, as plain bytes and within its bound."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import zstandard
from django.conf import settings
from django.core.handlers.wsgi import LimitedStream

from bugs.ingest.door.answers import Refusal
from bugs.ingest.wire import decoding

_local = threading.local()


@dataclass(frozen=True, slots=True)
class Body:
    """What came: as it was sent, and without its encoding."""

    raw: bytes
    encoding: str
    plain: bytes


def read(environ: Mapping[str, Any]) -> Body:
    """Raises Refusal."""
    limit = settings.INGEST_MAX_BODY
    encoding = environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    try:
        raw = decoding.read(_source(environ, limit), limit)
        return Body(raw, encoding, decoding.decode(raw, encoding, limit))
    except decoding.TooLarge as error:
        raise Refusal(413, "body_too_large", str(error)) from error
    except ValueError as error:
        raise Refusal(400, "envelope_malformed", str(error)) from error


def compressed(body: Body) -> tuple[str, bytes]:
    """Encoding and bytes to be kept: those of the sender, or our own when it used none."""
    if body.encoding in decoding.COMPRESSING:
        return body.encoding, body.raw
    return "zstd", _packed(body.plain)


def _packed(body: bytes) -> bytes:
    """Compressors are not to be shared between threads. Fast, since it is read once and soon."""
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(level=1)
    packed: bytes = _local.compressor.compress(body)
    return packed


def _source(environ: Mapping[str, Any], limit: int) -> decoding.Source:
    """A body has its length, or was sent in chunks and ends where the server ends it; else there is none."""
    source = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH")
    if not length and environ.get("wsgi.input_terminated"):
        unmeasured: decoding.Source = source
        return unmeasured
    if length and not (length.isascii() and length.isdigit()):
        raise decoding.Malformed("The Content-Length is not a number of bytes.")
    size = int((length or "0")[:20])
    if size > limit:
        raise decoding.TooLarge(limit)
    limited: decoding.Source = LimitedStream(source, size)
    return limited
