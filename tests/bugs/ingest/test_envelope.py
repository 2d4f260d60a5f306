"""The envelope grammar, with lengths that lie and items nobody knows."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugs.ingest.wire import envelope, lenient_json

ID = b'{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}\n'


@pytest.mark.parametrize(
    ("body", "items"),
    [
        (b"{}", []),
        (b"{}\n", []),
        (ID + b'{"type":"event"}\n{"a":1}', [("event", b'{"a":1}')]),
        (ID + b'{"type":"event"}\n{"a":1}\n', [("event", b'{"a":1}')]),
        (ID + b'{"type":"event","length":7}\n{"a":1}', [("event", b'{"a":1}')]),
        (ID + b'{"type":"event","length":9}\n{"a":1\n}\n\n', [("event", b'{"a":1\n}\n')]),
        (ID + b'{"type":"event","length":0}', [("event", b"")]),
        (ID + b'{"type":"event"}', [("event", b"")]),
        (b'{}\r\n{"type":"event"}\r\n{}\r\n', [("event", b"{}\r")]),
        (
            b'{}\n{"type":"brand_new","length":3}\na\nb\n{"type":"event"}\n{}',
            [("brand_new", b"a\nb"), ("event", b"{}")],
        ),
        (b'{}\n{"no":"type"}\n{}\n{"type":5}\n{}', [("", b"{}"), ("", b"{}")]),
        (b'{}\n\n\n{"type":"event"}\n{}\n\n', [("event", b"{}")]),
    ],
)
def test_what_is_an_envelope(body, items):
    assert [(item.type, item.payload) for item in envelope.parse(body).items] == items


def test_an_event_in_an_envelope():
    (item,) = envelope.parse(envelope.of_event(b'{"a":\n1}')).items
    assert (item.type, item.payload) == ("event", b'{"a":\n1}')


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"hello",
        b"\xff\xfe",
        b'{}\n{"type":"event","length":99}\n{}',
        b'{}\n{"type":"event","length":1}\n{}\n',
        b'{}\n{"type":"event","length":-1}\n{}\n',
        b'{}\n{"type":"event","length":true}\n{}\n',
        b'{}\n{"type":"event","length":"2"}\n{}\n',
        b'{}\n{"type":"event","length":1e300}\n{}\n',
        b'{}\n{"type":"event","length":123456789012345678901234567890}\n{}\n',
        b'{}\n"event"\n{}\n',
        b"{}\nevent\n{}\n",
        b"[" * 100_000,
        b"{" + b" " * envelope.HEADER_MAX + b"}\n",
        b"{}\n" + b'{"type":"x"}\n{}\n' * (envelope.ITEMS_MAX + 1),
    ],
)
def test_what_is_none(body):
    with pytest.raises(envelope.Malformed):
        envelope.parse(body)


def test_the_longest_header_line_and_the_most_items_fit():
    header = b'{"a":"' + b"x" * (envelope.HEADER_MAX - 8) + b'"}'
    assert len(header) == envelope.HEADER_MAX
    envelope.parse(header + b"\n" + b'{"type":"x"}\n{}\n' * envelope.ITEMS_MAX)


values = st.sampled_from(["event", "x", 0, 2, -1, 9, None])
headers = st.dictionaries(st.sampled_from(["type", "length", "x"]), values)
lines = st.one_of(st.binary(max_size=20), headers.map(orjson.dumps), st.just(b"{}"), st.just(b""))


@given(st.one_of(st.binary(), st.lists(lines).map(b"\n".join)))
def test_whatever_comes_nothing_but_malformed_comes_out(body):
    try:
        envelope.parse(body)
    except envelope.Malformed:
        pass


@given(st.lists(st.binary(max_size=50)))
def test_items_with_lengths_come_back_whole(payloads):
    items = [b'{"type":"event","length":%d}\n%s\n' % (len(payload), payload) for payload in payloads]
    parsed = envelope.parse(b"{}\n" + b"".join(items))
    assert [item.payload for item in parsed.items] == payloads


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'"a\\u0000b"', "a\ufffdb"),
        (b'{"\\u0000": 1}', {"\ufffd": 1}),
        (b'"\\ud800"', "\ufffd"),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\xff"', "\ufffd"),
        (b"[NaN, Infinity]", [None, None]),
        (b'["\\ud800", 123456789012345678901234567890]', ["\ufffd", "123456789012345678901234567890"]),
    ],
)
def test_json_that_postgresql_would_refuse_is_made_fit(text, value):
    assert lenient_json.load(text) == value


@pytest.mark.parametrize("end", [b"", b'"\\u0000"'])
def test_json_a_thousand_levels_deep_is_none(end):
    with pytest.raises(lenient_json.Malformed):
        lenient_json.load(b"[" * 100_000 + end + b"]" * 100_000)


def test_what_has_to_be_gone_through_is_cut_at_64_levels():
    found = lenient_json.load(b"[" * 100 + b'"\\u0000"' + b"]" * 100)
    for _ in range(lenient_json.MAX_DEPTH):
        (found,) = found
    assert found is None


@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "replace"))))
def test_json_is_read_or_malformed_and_can_be_written_again(text):
    try:
        orjson.dumps(lenient_json.load(text))
    except lenient_json.Malformed:
        pass


def test_of_an_items_header_nothing_is_kept_but_what_is_read():
    header = orjson.dumps({"type": "attachment", "length": 1, "filename": "a.txt", "content_type": [], "more": [[]]})
    (item,) = envelope.parse(ID + header + b"\nx\n").items
    assert item.headers == {"type": "attachment", "length": 1, "filename": "a.txt"}
