"""A report as it came: for whom, and what stays of that in the record."""

import pytest

from audit.models import AccessRecord
from bugs.models import ErrorReport

EMAIL = "zora.quint@mailbox.example"
PII = ("read", "pii")


@pytest.fixture
def url(crash):
    crash(user={"id": "4711", "email": EMAIL}, message=f"bad for {EMAIL}")
    return f"/api/v1/errors/{ErrorReport.objects.get().pk}/"


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_those_who_may_read_what_came(api, url, name):
    client = api(name, permissions=PII)
    clean, raw = client.get(url).json(), client.get(f"{url}raw/").json()
    assert (clean["user"]["email"], clean["message"]) == ("[redacted:email]", "bad for [redacted:email]")
    assert (raw["user"], raw["message"]) == ({"id": "4711", "email": EMAIL}, f"bad for {EMAIL}")
    assert {name for name in raw if raw[name] != clean[name]} == {"user", "message"}


@pytest.mark.parametrize(("name", "permissions"), [("carol", PII), ("alice", ("read", "write", "admin"))])
def test_others_may_not(api, url, name, permissions):
    answer = api(name, permissions=permissions).get(f"{url}raw/")
    assert answer.status_code == 403 and EMAIL not in answer.content.decode()


def test_what_is_foreign_is_like_what_is_missing(api, url):
    client = api("mallory", permissions=PII)
    missing = client.get("/api/v1/errors/00000000-0000-7000-8000-000000000000/raw/")
    foreign = client.get(f"{url}raw/")
    assert foreign.status_code == missing.status_code
    assert {**foreign.json(), "request_id": ""} == {**missing.json(), "request_id": ""}


def test_each_reading_is_on_record(api, url):
    api("alice", permissions=PII).get(f"{url}raw/")
    record = AccessRecord.objects.get(status=200)
    assert (record.data_class, record.target) == ("raw", f"error:{ErrorReport.objects.get().pk}")


def test_one_without_anything_taken_out_is_the_same(api, crash):
    crash()
    url = f"/api/v1/errors/{ErrorReport.objects.get().pk}/"
    client = api("alice", permissions=PII)
    assert client.get(f"{url}raw/").json() == client.get(url).json()
