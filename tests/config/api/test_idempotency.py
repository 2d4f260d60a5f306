"""A write sent again is answered again and done once."""

import threading
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone

from apikeys import idempotency as store
from apikeys.models import ApiKey, StoredAnswer
from apikeys.tasks import prune_answers
from audit.models import AccessRecord, Event
from bugs.models import Bug

URL = "/api/v1/bugs/"
BODY = {"project": "WEB", "title": "It broke"}


def post(client, key, body=BODY, url=URL):
    return client.post(url, body, HTTP_IDEMPOTENCY_KEY=key)


def test_the_same_request_is_done_once_and_answered_twice(api, web):
    client = api("bob")
    first, second = post(client, "a"), post(client, "a")

    assert first.status_code == second.status_code == 201
    assert second.content == first.content and Bug.objects.count() == 1
    assert Event.objects.filter(type="bug.created").count() == 1
    assert second["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first
    assert (second["ETag"], second["Location"]) == (first["ETag"], first["Location"])
    assert second["Content-Type"] == "application/json" and "RateLimit" in second
    assert AccessRecord.objects.filter(operation="bugs_create", status=201).count() == 2


def test_another_body_under_the_same_key_is_refused(api, web):
    client = api("bob")
    post(client, "a")
    other = post(client, "a", {**BODY, "title": "Another"})

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Bug.objects.count() == 1


def test_another_path_under_the_same_key_is_refused(api, bug):
    client = api("bob")
    post(client, "a")
    assert post(client, "a", {"assignee": None}, f"{URL}{bug.pk}/assign/").status_code == 422


def test_keys_of_others_are_others(api, web):
    assert post(api("bob"), "a").json()["id"] != post(api("alice"), "a").json()["id"]


@pytest.mark.parametrize("key", ["", " ", "a b", "é".encode().decode("latin-1"), "a" * 256, '""'])
def test_what_is_no_key(api, web, key):
    answer = post(api("bob"), key)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")
    assert not Bug.objects.exists()


def test_a_key_of_the_greatest_length_quoted_or_bare(api, web):
    client, key = api("bob"), "k" * 255
    assert post(client, f'"{key}"').content == post(client, key).content


def test_a_refusal_is_kept_too_and_leaves_nothing_else(api, bug):
    client, url = api("bob"), f"{URL}{bug.pk}/status/"
    first = post(client, "a", {"to": "reopened"}, url)
    second = post(client, "a", {"to": "reopened"}, url)

    assert first.status_code == second.status_code == 409 and first.content == second.content
    assert second["Content-Type"] == "application/problem+json" and second["Idempotent-Replayed"] == "true"
    assert AccessRecord.objects.filter(code="forbidden_move").count() == 1
    assert not Event.objects.filter(type="bug.status_changed").exists()


def test_a_refusal_that_may_pass_is_not_kept(api, bug):
    client = api("bob")
    refused = client.delete(f"{URL}{bug.pk}/", HTTP_IDEMPOTENCY_KEY="a")
    assert refused.status_code == 403 and not StoredAnswer.objects.exists()


def test_a_secret_is_never_kept(api, web):
    client = api("alice")
    url, body = "/api/v1/api-keys/", {"name": "one", "permissions": ["read"]}
    first, second = post(client, "a", body, url), post(client, "a", body, url)

    assert first.status_code == 201, first.content
    assert (second.status_code, second.json()["code"]) == (409, "already_created")
    assert ApiKey.objects.filter(name="one").count() == 1
    assert StoredAnswer.objects.get().body is None


def test_after_a_day_a_key_is_new_again(api, web):
    client = api("bob")
    first = post(client, "a")
    StoredAnswer.objects.update(created_at=timezone.now() - store.KEPT - timedelta(seconds=1))
    second = post(client, "a")

    assert second.status_code == 201 and second.json()["id"] != first.json()["id"]
    assert post(client, "a").content == second.content


def test_answers_are_forgotten_after_a_day(api, web):
    client = api("bob")
    post(client, "old")
    StoredAnswer.objects.update(created_at=timezone.now() - store.KEPT)
    post(client, "new")
    prune_answers()
    assert StoredAnswer.objects.count() == 1


def test_an_upload_with_another_border_is_the_same_request(api, bug):
    client, url = api("bob"), f"{URL}{bug.pk}/attachments/"

    def upload(content):
        file = SimpleUploadedFile("note.txt", content, content_type="text/plain")
        return client.post(url, {"file": file}, format="multipart", HTTP_IDEMPOTENCY_KEY="a")

    first = upload(b"hello")
    if first.status_code == 404:
        pytest.skip("attachments are not there")
    assert first.status_code == 201, first.content
    assert upload(b"hello").content == first.content
    assert upload(b"other").status_code == 422


@pytest.mark.django_db(transaction=True)
def test_a_key_at_work_elsewhere_is_in_flight(api, web, monkeypatch):
    """Two real connections: the first holds the key inside its open transaction."""
    client = api("bob")
    holding, done, held = threading.Event(), threading.Event(), []
    hold = store.hold
    monkeypatch.setattr(store, "hold", lambda name: held.append(name) or hold(name))
    post(client, "a")
    StoredAnswer.objects.all().delete()

    def work():
        with transaction.atomic():
            assert hold(held[0])
            holding.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert holding.wait(10)
    refused = post(client, "a")
    done.set()
    thread.join()

    assert (refused.status_code, refused.json()["code"]) == (409, "request_in_flight")
    assert refused["Retry-After"] == "1"
    assert post(client, "a").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_bug(api, key_of, web):
    key, answers = key_of("bob"), []

    def work():
        answers.append(post(api(key=key), "a"))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Bug.objects.count() == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
