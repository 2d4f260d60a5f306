"""What redaction took out of a row's texts, sealed beside them: JSON pointer -> the text as it came. Pure."""

from collections.abc import Mapping
from uuid import UUID

import orjson
import zstandard

from config import keyring

PACKED_FROM = 500  # bytes; less is not worth a frame
ORIGINALS_MAX = 16 * 1024 * 1024  # unpacked; texts and payloads of one row are far smaller
_FRAME = b"\x28\xb5\x2f\xfd"  # how zstd begins, and no JSON


def sealed(originals: Mapping[str, str], *, table: str, row: UUID) -> bytes | None:
    """For the column `originals` of that row; None when nothing was taken out."""
    if not originals:
        return None
    text = orjson.dumps(dict(originals))
    if len(text) > PACKED_FROM:
        text = zstandard.compress(text)
    return keyring.seal(text, place=_place(table), row=row)


def opened(column: bytes | memoryview | None, *, table: str, row: UUID) -> dict[str, str]:
    """What `sealed` was given; raises keyring.Unreadable."""
    if column is None:
        return {}
    text = keyring.unseal(column, place=_place(table), row=row)
    if text.startswith(_FRAME):
        text = zstandard.ZstdDecompressor().decompress(text, max_output_size=ORIGINALS_MAX)
    found: dict[str, str] = orjson.loads(text)
    return found


def _place(table: str) -> str:
    return f"{table}.originals"
