"""Whatever text a bug carries, the file parses back to it."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports import columns, formats
from exports.formats import Format

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
COLUMNS = ["title", "tags", "error_count", "assignee"]
TEXT = st.text(st.characters(codec="utf-8"))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "title": TEXT,
            "tags": st.dictionaries(TEXT, TEXT, max_size=3),
            "error_count": st.integers(0, 2**31),
            "assignee": st.none() | TEXT,
        }
    ),
    max_size=5,
)


def written(form, rows, names=COLUMNS):
    file = io.BytesIO()
    writer = formats.writer(form, file, names)
    writer.begin(NOW)
    for row in rows:  # as chunks of one
        writer.write([row])
    writer.end()
    return file.getvalue()


@given(ROWS)
def test_json_is_one_document(rows):
    document = json.loads(written(Format.JSON, rows))
    assert document == {"exported_at": NOW.isoformat(), "results": rows, "count": len(rows)}


@given(ROWS)
def test_ndjson_is_a_document_a_line(rows):
    lines = written(Format.NDJSON, rows).split(b"\n")
    assert [json.loads(line) for line in lines[:-1]] == rows
    assert lines[-1] == b""


@given(ROWS)
def test_csv_parses_back(rows):
    read = list(csv.DictReader(io.StringIO(written(Format.CSV, rows).decode(), newline="")))
    assert len(read) == len(rows)
    for cells, row in zip(read, rows, strict=True):
        assert plain(cells["title"], row["title"])
        assert plain(cells["assignee"], row["assignee"] or "")
        assert json.loads(cells["tags"]) == row["tags"]
        assert cells["error_count"] == str(row["error_count"])


def plain(cell, text):
    return cell == (f"'{text}" if text[:1] and text[0] in "=+-@\t\r＝＋－＠" else text)


@given(ROWS)
def test_xml_parses_back(rows):
    root = ElementTree.fromstring(written(Format.XML, rows))
    assert len(root) == len(rows)
    for bug, row in zip(root, rows, strict=True):
        assert (bug.findtext("title") or "") == legal(row["title"])
        assert (bug.find("assignee").get("null") == "true") == (row["assignee"] is None)
        tags = [(item.get("name"), item.text or "") for item in bug.find("tags")]
        assert tags == [(legal(name), legal(value)) for name, value in row["tags"].items()]


def legal(text):
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", text)


@pytest.mark.parametrize("first", "=+-@\t\r＝＋－＠")
def test_a_formula_is_only_text(first):
    assert formats.cell(f"{first}HYPERLINK(1)") == f"'{first}HYPERLINK(1)"


@pytest.mark.parametrize("value", ["a=1", "'=1", " =1", "", "1-1"])
def test_other_text_stays(value):
    assert formats.cell(value) == value


def test_numbers_stay_numbers():
    assert formats.cell(-1) == "-1"


def test_csv_lines_end_as_rfc_4180_says():
    body = written(Format.CSV, [{"title": 'a "b",\nc', "tags": {}, "error_count": 0, "assignee": None}])
    assert body == b'title,tags,error_count,assignee\r\n"a ""b"",\nc",{},0,\r\n'


def test_lone_surrogates_do_not_break_tables():
    row = {"title": "a\ud800", "tags": {}, "error_count": 0, "assignee": None}
    assert "a\ufffd" in written(Format.CSV, [row]).decode()
    assert "a\ufffd" in written(Format.XML, [row]).decode()


@pytest.mark.parametrize("form", Format)
def test_an_empty_export_is_valid(form):
    body = written(form, [])
    if form == Format.JSON:
        assert json.loads(body)["results"] == []
    if form == Format.XML:
        assert len(ElementTree.fromstring(body)) == 0


def test_columns_come_in_one_order_and_once():
    assert columns.chosen(["status", "id", "status"]) == ["id", "status"]
    assert columns.chosen([]) == list(columns.COLUMNS)


def test_an_unknown_column_is_refused():
    with pytest.raises(columns.UnknownColumn):
        columns.chosen(["project__ingest_keys"])
