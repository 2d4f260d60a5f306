"""Several writers at once: one version wins, locks are taken in one order, definitions hold still."""

import threading

import pytest
from django.db import connection, transaction

from audit.actors import SYSTEM
from bugs import services
from bugs.models import Bug, Project
from bugs.services import custom_fields, projects

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/bugs/"


def at_once(*calls):
    """What each call answers when all begin together."""
    answers, ready = [None] * len(calls), threading.Barrier(len(calls))

    def run(place, call):
        ready.wait()
        try:
            answers[place] = call()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return answers


def report(web, **fields):
    return services.report(project_id=web.pk, by=SYSTEM, **{"title": "A bug", **fields})


def test_of_two_writers_with_one_etag_one_wins(api, bug):
    clients = [api("bob"), api("alice")]
    tag = clients[0].get(f"{URL}{bug.pk}/")["ETag"]

    def writer(number):
        return lambda: clients[number].patch(f"{URL}{bug.pk}/", {"title": f"By {number}"}, HTTP_IF_MATCH=tag)

    answers = at_once(writer(0), writer(1))

    assert sorted(answer.status_code for answer in answers) == [200, 412]
    won = next(number for number, answer in enumerate(answers) if answer.status_code == 200)
    assert Bug.objects.get().title == f"By {won}" and Bug.objects.get().version == 2


def test_bulk_changes_of_the_same_bugs_in_other_orders_both_end(api, web):
    ids = [str(report(web).pk) for _ in range(20)]
    clients = [api("bob"), api("alice")]

    def bulk(number, names, severity):
        return lambda: clients[number].post(f"{URL}bulk/", {"ids": names, "set": {"severity": severity}})

    answers = at_once(bulk(0, ids, "low"), bulk(1, ids[::-1], "high"))

    assert [answer.status_code for answer in answers] == [200, 200]
    assert Bug.objects.values("severity").distinct().count() == 1


def test_an_error_that_comes_back_twice_reopens_once(web, bug):
    services.change_status(bug.pk, to="resolved", by=SYSTEM)
    answers = at_once(*[lambda: services.regress(bug.pk, by=SYSTEM)] * 3)

    assert sorted(answers) == [False, False, True] and Bug.objects.get().reopen_count == 1


def test_a_field_is_not_redefined_while_a_value_is_written(web, bug):
    Project.objects.update(custom_fields={"team": {"type": "text"}})
    held = threading.Event()

    def write():
        with transaction.atomic():
            custom_fields.hold([web.pk])
            held.set()
            threading.Event().wait(0.3)
            services.edit(bug.pk, changes={"custom": {"team": "red"}}, by=SYSTEM)

    def redefine():
        held.wait(10)
        try:
            projects.update(web.pk, changes={"custom_fields": {"team": {"type": "number"}}}, by=SYSTEM)
        except projects.FieldInUse:
            return True  # it has waited: what is not committed is not in use
        return False

    assert at_once(write, redefine)[1]
    assert Project.objects.get().custom_fields == {"team": {"type": "text"}}
