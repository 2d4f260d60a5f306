"""Payloads packed with what those of their project have in common, and read again by what they say themselves."""

import threading
from datetime import UTC, datetime, timedelta

import orjson
import pytest
import zstandard
from django.core.management import CommandError, call_command
from django.db import connection

from audit.identifiers import uuid7
from bugs.ingest.digest import packing, writer
from bugs.ingest.reading.normalize import normalize
from bugs.models import ErrorReport, PayloadDictionary, Project
from bugs.selectors import payloads, reports
from bugs.services import dictionaries
from tests.bugs.ingest.realistic import Program


@pytest.fixture(autouse=True)
def nothing_is_remembered():
    for cache in (packing._newest, packing._dictionary, packing._compressor):
        cache.cache_clear()
    for cache in (payloads._dictionary, payloads._decompressor):
        cache.cache_clear()


@pytest.fixture
def other(db):
    return Project.objects.create(number=8, key="APP", name="App")


def texts(program, count):
    now = datetime.now(UTC)
    return [orjson.dumps(normalize(program.event(), received_at=now).as_payload()) for _ in range(count)]


def keep(project, found):
    """Reports with these payloads, as the writer keeps them."""
    now = datetime.now(UTC)
    ErrorReport.objects.bulk_create(
        ErrorReport(
            project_id=project.pk,
            group_id=project.pk,
            event_id=uuid7(),
            occurred_at=now,
            received_at=now,
            level="error",
            payload=packing.pack(project.pk, text),
        )
        for text in found
    )


def learn(project, found):
    keep(project, found)
    made = dictionaries.train(project.pk)
    packing._newest.cache_clear()
    return made


def test_without_a_dictionary_a_payload_is_a_plain_frame(project):
    packed = packing.pack(project.pk, b'{"a":1}')
    assert zstandard.decompress(packed) == b'{"a":1}' == payloads.unpack(packed)


def test_fewer_than_100_reports_teach_nothing(project):
    assert learn(project, texts(Program(1), 99)) is None


def test_a_payload_names_the_dictionary_that_it_needs(project):
    made = learn(project, texts(Program(1), 100))
    packed = packing.pack(project.pk, b'{"a":1}')
    assert zstandard.get_frame_parameters(packed).dict_id == made.pk
    assert payloads.unpack(packed) == b'{"a":1}'


def test_a_dictionary_makes_payloads_less_than_half_as_large(project):
    program = Program(1)
    learn(project, texts(program, 300))
    new = texts(program, 50)
    plain = zstandard.ZstdCompressor(level=payloads.LEVEL)
    assert sum(len(packing.pack(project.pk, text)) for text in new) < sum(len(plain.compress(t)) for t in new) / 2


def test_payloads_from_before_the_dictionary_are_read_as_before(project):
    before = packing.pack(project.pk, b'{"a":1}')
    learn(project, texts(Program(1), 100))
    assert payloads.unpack(before) == b'{"a":1}'


def test_projects_share_no_dictionary(project, other):
    learn(project, texts(Program(1), 100))
    assert zstandard.get_frame_parameters(packing.pack(other.pk, b"{}")).dict_id == 0


def test_what_was_packed_with_an_older_dictionary_stays_readable(project):
    learn(project, texts(Program(1), 100))
    old = packing.pack(project.pk, b'{"a":1}')
    learn(project, texts(Program(2), 1_000))
    assert (
        zstandard.get_frame_parameters(packing.pack(project.pk, b"{}")).dict_id == PayloadDictionary.objects.last().pk
    )
    assert payloads.unpack(old) == b'{"a":1}'


def test_a_dictionary_that_still_does_well_stays(project):
    program = Program(1)
    made = learn(project, texts(program, 300))
    PayloadDictionary.objects.update(checked_at=made.checked_at - timedelta(days=2))
    assert learn(project, texts(program, 100)) is None
    assert PayloadDictionary.objects.get().checked_at >= made.checked_at


def test_a_dictionary_of_another_program_is_replaced(project):
    learn(project, texts(Program(1), 100))
    assert learn(project, texts(Program(2), 1_000)) is not None


def test_who_has_no_dictionary_is_due_from_100_reports_on(project):
    keep(project, [b"{}"] * 99)
    assert dictionaries.due() == []
    keep(project, [b"{}"])
    assert dictionaries.due() == [project.pk]


def test_a_dictionary_is_looked_at_once_a_day(project):
    learn(project, texts(Program(1), 100))
    assert dictionaries.due() == []
    PayloadDictionary.objects.update(checked_at=datetime.now(UTC) - timedelta(days=1, minutes=1))
    assert dictionaries.due() == [project.pk]


def test_a_project_where_nothing_happens_is_not_due(project):
    learn(project, texts(Program(1), 100))
    PayloadDictionary.objects.update(checked_at=datetime.now(UTC) - timedelta(days=3))
    ErrorReport.objects.all().delete()
    assert dictionaries.due() == []


def test_payloads_that_are_all_alike_can_be_learnt_from(project):
    assert learn(project, [b'{"a":1}'] * 100) is not None


def test_huge_payloads_are_learnt_from_by_their_beginnings(project):
    found = [text + b" " * dictionaries.SAMPLE_MAX * 4 for text in texts(Program(1), 100)]
    assert learn(project, found) is not None


def test_many_threads_pack_and_unpack_at_once(project):
    program = Program(1)
    learn(project, texts(program, 100))
    new, wrong = texts(program, 40), []
    packing.pack(project.pk, new[0])  # so that no thread needs the database
    payloads.unpack(packing.pack(project.pk, new[0]))

    def work():
        wrong.extend(text for text in new * 20 if payloads.unpack(packing.pack(project.pk, text)) != text)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_dictionary_is_read_once(project, django_assert_num_queries):
    learn(project, texts(Program(1), 100))
    with django_assert_num_queries(3):  # which is the newest, its bytes to pack with, its bytes to unpack with
        for _ in range(3):
            payloads.unpack(packing.pack(project.pk, b"{}"))


def test_a_frame_that_says_it_is_too_large_is_not_unpacked():
    bomb = zstandard.compress(bytes(payloads.PAYLOAD_MAX + 1))
    with pytest.raises(payloads.Unreadable):
        payloads.unpack(bomb)


def test_a_frame_that_hides_its_size_is_not_unpacked():
    with pytest.raises(payloads.Unreadable):
        payloads.unpack(zstandard.ZstdCompressor(write_content_size=False).compress(b"{}"))


def test_a_payload_whose_dictionary_is_gone_says_so(project):
    learn(project, texts(Program(1), 100))
    packed = packing.pack(project.pk, b"{}")
    PayloadDictionary.objects.all().delete()
    with pytest.raises(payloads.Unreadable, match="dictionary"):
        payloads.unpack(packed)


def test_reports_are_shown_whatever_they_are_packed_with(project):
    program = Program(1)
    for _ in range(2):
        found = [normalize(program.event(), received_at=datetime.now(UTC)) for _ in range(110)]
        writer.accept(project.pk, found)
        dictionaries.train(project.pk)
        packing._newest.cache_clear()
    ids = list(ErrorReport.objects.values_list("id", flat=True))
    shown = [orjson.loads(text) for text in reports.documents_of(ids)]
    assert len(shown) == 220 and all(one["exception"]["type"] for one in shown)


def test_an_event_takes_at_most_half_of_what_plain_jsonb_takes(project):
    """Row, indexes and the row of its event id, against the same columns and indexes with the event as jsonb."""
    program = Program(1)
    learn(project, texts(program, 300))
    ErrorReport.objects.all().delete()
    now = datetime.now(UTC)
    events = [program.event() for _ in range(300)]
    writer.accept(project.pk, [normalize(event, received_at=now) for event in events])
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE plain AS SELECT id, project_id, group_id, event_id, occurred_at, received_at, level, message,"
            " component, environment, release, session_id, NULL::jsonb AS payload FROM bugs_errorreport"
        )
        cursor.execute("SELECT id FROM plain")
        for (pk,), event in zip(cursor.fetchall(), events, strict=True):
            cursor.execute("UPDATE plain SET payload = %s WHERE id = %s", [orjson.dumps(event).decode(), pk])
        cursor.execute("SELECT sum(pg_column_size(r.*)) FROM plain r")
        jsonb = cursor.fetchone()[0]
        cursor.execute("SELECT sum(pg_column_size(r.*)) FROM bugs_errorreport r")
        ours = cursor.fetchone()[0]
        cursor.execute("SELECT sum(pg_column_size(s.*)) FROM bugs_seenevent s")
        seen = cursor.fetchone()[0]
    indexes = 300 * 200  # the same for both
    assert 2 * (ours + seen + indexes) <= jsonb + seen + indexes


def test_postgres_does_not_compress_again_what_is_compressed(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE a.attstorage = 'e') FROM pg_partition_tree('bugs_errorreport') t "
            "JOIN pg_attribute a ON a.attrelid = t.relid WHERE a.attname = 'payload'"
        )
        tables, external = cursor.fetchone()
    assert tables == external > 3


def test_the_command_trains_one_project_now(project, capsys):
    keep(project, texts(Program(1), 100))
    call_command("train_dictionaries", "--project", "WEB")
    assert "was made" in capsys.readouterr().out


def test_the_command_trains_those_that_are_due(project, capsys):
    keep(project, texts(Program(1), 100))
    call_command("train_dictionaries")
    assert capsys.readouterr().out == "1 dictionaries were made.\n"


def test_the_command_knows_its_projects(db):
    with pytest.raises(CommandError):
        call_command("train_dictionaries", "--project", "NOPE")
