"""Which project a number is, asked once for many who want to know."""

import threading

import pytest
from django.db import connection

from bugs.ingest.door import connection as door
from bugs.ingest.door import senders


@pytest.fixture
def door_closed_after():
    yield
    if door._own is not None:
        door._own.close()


def test_those_who_ask_together_ask_once(committed, project, door_closed_after, monkeypatch):
    asked, found, ask = [], [], senders._ask

    def slowly(database, number, before):
        asked.append(number)
        threading.Event().wait(0.2)  # the others come meanwhile
        return ask(database, number, before)

    def want():
        try:
            found.append(senders.of(7).project_id)
        finally:
            connection.close()

    monkeypatch.setattr(senders, "_ask", slowly)
    threads = [threading.Thread(target=want) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (asked, found) == ([7], [project.pk] * 5)
