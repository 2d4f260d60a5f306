"""The one writer of each format: streams rows and defuses what other programs would run. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, Protocol
from xml.sax.saxutils import escape, quoteattr

import orjson
from django.db.models import TextChoices

# A row as a mapping, or as the JSON text that PostgreSQL wrote (JSON and NDJSON take it as it is).
Row = Mapping[str, Any] | orjson.Fragment

# What spreadsheets take for the beginning of a formula, in both widths.
_FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\ufffd"
_XML_KEPT = {"\r": "&#13;"}  # parsers turn a bare CR into LF
_XML_ATTRIBUTE_KEPT = {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}


class Format(TextChoices):
    JSON = "json", "JSON"
    NDJSON = "ndjson", "NDJSON"
    CSV = "csv", "CSV"
    XML = "xml", "XML"


CONTENT_TYPES = {
    Format.JSON: "application/json",
    Format.NDJSON: "application/x-ndjson",
    Format.CSV: "text/csv; charset=utf-8",
    Format.XML: "application/xml",
}


class Writer(Protocol):
    """Begin once, write as often as there are rows, end once."""

    def begin(self, exported_at: datetime) -> None: ...
    def write(self, rows: Iterable[Row]) -> None: ...
    def end(self) -> None: ...


def writer(form: Format, file: BinaryIO, columns: Sequence[str]) -> Writer:
    """The writer of a format."""
    return _WRITERS[form](file, columns)


class _Json:
    """One valid document: {"exported_at", "results": [...], "count"}; the count is known last."""

    def __init__(self, file: BinaryIO, columns: Sequence[str]) -> None:
        self.file, self.count = file, 0

    def begin(self, exported_at: datetime) -> None:
        self.file.write(b'{"exported_at":' + orjson.dumps(exported_at) + b',"results":[')

    def write(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.file.write((b",\n" if self.count else b"\n") + orjson.dumps(row))
            self.count += 1

    def end(self) -> None:
        self.file.write(b'\n],"count":%d}\n' % self.count)


class _NdJson:
    """One JSON object a line."""

    def __init__(self, file: BinaryIO, columns: Sequence[str]) -> None:
        self.file = file

    def begin(self, exported_at: datetime) -> None:
        pass

    def write(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))

    def end(self) -> None:
        pass


class _Csv:
    """RFC 4180 in UTF-8, with a header; cells that a spreadsheet would run begin with an apostrophe."""

    def __init__(self, file: BinaryIO, columns: Sequence[str]) -> None:
        self.file, self.columns = file, columns

    def begin(self, exported_at: datetime) -> None:
        self._lines([self.columns])

    def write(self, rows: Iterable[Row]) -> None:
        self._lines([[cell(row[name]) for name in self.columns] for row in _mappings(rows)])

    def end(self) -> None:
        pass

    def _lines(self, lines: Iterable[Sequence[str]]) -> None:
        buffer = io.StringIO(newline="")
        csv.writer(buffer, lineterminator="\r\n").writerows(lines)
        self.file.write(buffer.getvalue().encode())


class _Xml:
    """<bugs><bug><title>…</title></bug></bugs>; null says so, so that it differs from empty."""

    def __init__(self, file: BinaryIO, columns: Sequence[str]) -> None:
        self.file, self.columns = file, columns

    def begin(self, exported_at: datetime) -> None:
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<bugs exported_at="{exported_at.isoformat()}">\n'
        self.file.write(head.encode())

    def write(self, rows: Iterable[Row]) -> None:
        for row in _mappings(rows):
            inner = "".join(_element(name, row[name]) for name in self.columns)
            self.file.write(f"<bug>{inner}</bug>\n".encode())

    def end(self) -> None:
        self.file.write(b"</bugs>\n")


_WRITERS: dict[Format, type[_Json | _NdJson | _Csv | _Xml]] = {
    Format.JSON: _Json,
    Format.NDJSON: _NdJson,
    Format.CSV: _Csv,
    Format.XML: _Xml,
}


def cell(value: Any) -> str:
    """A value as CSV text: empty for null, JSON for what is nested, never a formula."""
    text = _SURROGATES.sub(_REPLACEMENT, _text(value))
    return f"'{text}" if isinstance(value, str) and _FORMULA.match(text) else text


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _element(name: str, value: Any, attributes: str = "") -> str:
    """One XML element; names are ours, whatever a user named stands in an attribute."""
    if value is None:
        return f'<{name}{attributes} null="true"/>'
    if isinstance(value, Mapping):
        inner = "".join(_element("item", item, f" name={_attribute(key)}") for key, item in value.items())
    elif isinstance(value, list):
        inner = "".join(_element("item", item) for item in value)
    else:
        inner = escape(_legal(_text(value)), _XML_KEPT)
    return f"<{name}{attributes}>{inner}</{name}>"


def _attribute(text: str) -> str:
    return quoteattr(_legal(text), _XML_ATTRIBUTE_KEPT)


def _legal(text: str) -> str:
    """XML 1.0 has no way to write most control characters, not even escaped."""
    return _NOT_XML.sub(_REPLACEMENT, text)


def _mappings(rows: Iterable[Row]) -> Iterable[Mapping[str, Any]]:
    for row in rows:
        if not isinstance(row, Mapping):
            raise TypeError("tables need rows, not JSON text")
        yield row
