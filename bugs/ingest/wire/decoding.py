"""Bodies come compressed from strangers: every byte in and every byte out is counted."""

import zlib
from collections.abc import Callable
from typing import Protocol

import brotli
import zstandard

CHUNK = 64 * 1024
ZSTD_MAX_WINDOW = 8 * 1024 * 1024


class Malformed(ValueError):
    """Not what its Content-Encoding says, or cut off."""


class TooLarge(ValueError):
    """More than the limit, as sent or once decompressed."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than {limit} bytes.")


class Source(Protocol):
    """A file, a request or a WSGI input."""

    def read(self, size: int, /) -> bytes: ...


def read(source: Source, limit: int) -> bytes:
    """Everything the source has, however it is framed. Raises TooLarge or Malformed."""
    body = bytearray()
    try:
        while chunk := source.read(CHUNK):
            body += chunk
            if len(body) > limit:
                raise TooLarge(limit)
    except OSError as broken:
        raise Malformed("The body broke off.") from broken
    return bytes(body)


def decode(body: bytes, encoding: str, limit: int) -> bytes:
    """The body without its Content-Encoding. Raises TooLarge or Malformed."""
    name = encoding.strip().lower()
    if name not in DECODERS:
        raise Malformed("The Content-Encoding is none of: gzip, deflate, br, zstd.")
    plain = DECODERS[name](body, limit)
    if len(plain) > limit:
        raise TooLarge(limit)
    return plain


def _identity(body: bytes, limit: int) -> bytes:
    return body


def _gzip(body: bytes, limit: int) -> bytes:
    return _inflate(body, limit, wbits=16 + zlib.MAX_WBITS)


def _deflate(body: bytes, limit: int) -> bytes:
    """The standard means a zlib stream; many clients send a raw one."""
    is_zlib = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return _inflate(body, limit, wbits=zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)


def _inflate(body: bytes, limit: int, *, wbits: int) -> bytes:
    decoder = zlib.decompressobj(wbits)
    try:
        plain = decoder.decompress(body, limit + 1)
    except zlib.error as error:
        raise Malformed("The body is not what its Content-Encoding says.") from error
    if len(plain) <= limit and not decoder.eof:
        raise Malformed("The compressed body is cut off.")
    return plain


def _brotli(body: bytes, limit: int) -> bytes:
    decoder = brotli.Decompressor()
    try:
        plain: bytes = decoder.process(body, output_buffer_limit=limit + 1)
    except brotli.error as error:
        raise Malformed("The body is not what its Content-Encoding says.") from error
    if len(plain) <= limit and not decoder.is_finished():
        raise Malformed("The compressed body is cut off.")
    return plain


def _zstd(body: bytes, limit: int) -> bytes:
    decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_MAX_WINDOW)
    try:
        plain = decoder.stream_reader(body, read_across_frames=True).read(limit + 1)
        said = zstandard.frame_content_size(body)  # below 0 when the frame does not say it
    except zstandard.ZstdError as error:
        raise Malformed("The body is not zstd, or needs too large a window.") from error
    if len(plain) < min(said, limit):
        raise Malformed("The compressed body is cut off.")
    return plain


COMPRESSING = frozenset({"gzip", "deflate", "br", "zstd"})
DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "": _identity,
    "identity": _identity,
    "gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
