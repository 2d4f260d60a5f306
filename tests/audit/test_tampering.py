"""A thousand ways to change history as superuser, and each one is found; the rows are named that were changed."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as configured
from django.db import connection, transaction

from audit import chains, log, merkle, sealing, seals, signing, verification
from audit.actors import SYSTEM
from audit.models import Seal, SealLeaves
from tests.audit.conftest import call

SEED, TAMPERINGS = 7_003_007, 1_000
SEALS, ROWS = 6, 10
TABLES = {"access": "audit_accessrecord", "events": "audit_event"}
COLUMNS = {
    "access": {
        "occurred_at": "occurred_at + interval '1 second'",
        **dict.fromkeys(
            ("actor", "operation", "method", "path", "code", "target", "request_id"), "left({0} || 'x', 8)"
        ),
        "outcome": "'failed'",
        "data_class": "'raw'",
        "channel": "'admin'",
        **dict.fromkeys(("status", "targets", "duration_ms", "count"), "{0} + 1"),
        "rows": "coalesce(rows, 0) + 1",
        "size": "coalesce(size, 0) + 1",
        "person": "gen_random_uuid()",
        "project_ids": "project_ids || gen_random_uuid()",
        "sealed": "sealed || '\\x00'",
        "xid": "xid + 1",
        "seq": "seq + 1",
        "era": "era + 1",
        "id": "gen_random_uuid()",
    },
    "events": {
        "occurred_at": "occurred_at + interval '1 second'",
        **dict.fromkeys(("type", "subject", "actor"), "{0} || 'x'"),
        "version": "version + 1",
        "project_id": "gen_random_uuid()",
        "data": "data || '{{\"b\": 2}}'",
        "xid": "xid + 1",
        "seq": "seq + 1",
        "id": "gen_random_uuid()",
    },
}


@pytest.fixture
def sealed(history: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both chains with some seals of few rows."""
    monkeypatch.setattr(sealing, "ROWS_MAX", ROWS)
    for number in range(SEALS * ROWS):
        call(number % 5)
    for _ in range(SEALS):
        with transaction.atomic():
            for number in range(ROWS):
                log.record("bug.created", subject=f"bug:{number}", project_id=uuid4(), by=SYSTEM, data={"a": 1})
    sealing.seal_all()
    assert Seal.objects.count() == 2 * SEALS


def fault_of(chain: str) -> verification.Fault | None:
    log_path = Path(configured.AUDIT_SEAL_LOG)
    return verification.verify(chains.CHAINS[chain], keys=signing.trusted(), log=log_path).fault


class Attacker:
    """Owns the database, has no signing key, and does not reach the log."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.chain = chance.choice(sorted(TABLES))
        self.table = TABLES[self.chain]
        self.named: set[str] = set()  # rows of which one is to be named, when that is known

    def run(self, sql: str, parameters: Any = ()) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall()) if cursor.description else []

    def some(self, count: int = 1) -> list[Any]:
        ids = [row[0] for row in self.run(f"SELECT id FROM {self.table} ORDER BY era, xid, seq")]
        return self.chance.sample(ids, count)

    def edit(self) -> None:
        (row,) = self.some()
        column, text = self.chance.choice(sorted(COLUMNS[self.chain].items()))
        self.run(f"UPDATE {self.table} SET {column} = {text.format(column)} WHERE id = %s", [row])
        if column not in ("xid", "seq", "era", "id"):
            self.named = {str(row)}

    def delete(self) -> None:
        self.run(f"DELETE FROM {self.table} WHERE id = ANY(%s)", [self.some(self.chance.randint(1, 3))])

    def insert(self) -> None:
        """A copy of a row somewhere in the past."""
        (row,), fresh = self.some(), uuid4()
        self.run(f"CREATE TEMP TABLE copied ON COMMIT DROP AS SELECT * FROM {self.table} WHERE id = %s", [row])
        place = self.chance.choice(["seq = seq + 0", "xid = xid - 1", "seq = seq - 1", "xid = 1, seq = 1"])
        self.run(f"UPDATE copied SET id = %s, {place}", [fresh])
        self.run(f"INSERT INTO {self.table} SELECT * FROM copied")

    def swap(self) -> None:
        """Two rows change places: each gets what the other one says, or where the other one stands."""
        one, other = self.some(2)
        columns = self.chance.choice([["xid", "seq"], ["occurred_at", "actor"], ["seq", "xid", "occurred_at"]])
        names = ", ".join(columns)
        values = {row: self.run(f"SELECT {names} FROM {self.table} WHERE id = %s", [row])[0] for row in (one, other)}
        for row, source in ((one, other), (other, one)):
            holes = ", ".join(["%s"] * len(columns))
            self.run(f"UPDATE {self.table} SET ({names}) = ROW ({holes}) WHERE id = %s", [*values[source], row])

    def cut_off(self) -> None:
        """The end goes, with or without its seals: as if it had not been, or as an older backup has it."""
        end = self.chance.choice(list(Seal.objects.filter(chain=self.chain)))
        self.run(f"DELETE FROM {self.table} WHERE (xid, seq) >= (%s, %s)", [end.first_xid, end.first_seq])
        if self.chance.random() < 0.7:
            later = "SELECT id FROM audit_seal WHERE chain = %s AND number >= %s"
            self.run(f"DELETE FROM audit_sealleaves WHERE seal_id IN ({later})", [self.chain, end.number])
            self.run("DELETE FROM audit_seal WHERE chain = %s AND number >= %s", [self.chain, end.number])

    def chain_anew(self) -> None:
        """A row is changed, and every hash with it. Only the signatures cannot be made."""
        (row,) = self.some()
        self.run(f"UPDATE {self.table} SET actor = 'nobody' WHERE id = %s", [row])
        key, chain, before = Ed25519PrivateKey.generate(), chains.CHAINS[self.chain], None
        signs = self.chance.choice([key.sign, lambda _: bytes(seal.signature), lambda _: bytes(64)])
        for seal in Seal.objects.filter(chain=self.chain).order_by("number"):
            start = seals.end_of(before) if before else chains.BEGINNING
            leaves = [merkle.leaf(line) for line in chains.between(chain, start, seals.end_of(seal))]
            seal.root, seal.previous = merkle.root(leaves), seals.hash_of(before) if before else seals.NO_SEAL
            signature = signs(seals.statement(seal))
            values = [seal.root, seal.previous, signature, seal.pk]
            self.run("UPDATE audit_seal SET root = %s, previous = %s, signature = %s WHERE id = %s", values)
            self.run("UPDATE audit_sealleaves SET hashes = %s WHERE seal_id = %s", [b"".join(leaves), seal.pk])
            before = seal

    def take_seals(self) -> None:
        """The last one, one in between, the first ones, or all."""
        numbers = self.chance.choice([f"= {SEALS}", f"= {self.chance.randint(2, SEALS - 1)}", "<= 2", "> 0", ">= 4"])
        self.run(f"DELETE FROM audit_seal WHERE chain = %s AND number {numbers}", [self.chain])

    def edit_seal(self) -> None:
        seal = self.chance.choice(list(Seal.objects.filter(chain=self.chain)))
        changes = ["count = count - 1", "root = previous", "sealed_at = sealed_at - interval '1 day'", "era = era + 1"]
        changes += ["last_xid = last_xid + 1", "first_seq = first_seq - 1", "key_id = 'x'", "number = number + 100"]
        changes += ["month = '2001-01'", "format = 9", "chain = 'other'", "signature = root || previous"]
        self.run(f"UPDATE audit_seal SET {self.chance.choice(changes)} WHERE id = %s", [seal.pk])

    def hide_which(self) -> None:
        """A row is changed, and the hash that would name it."""
        self.edit()
        self.run("UPDATE audit_sealleaves SET hashes = %s", [bytes(32)])

    def act(self) -> str:
        acts: list[Callable[[], None]] = [self.edit, self.edit, self.delete, self.insert, self.swap, self.cut_off]
        acts += [self.chain_anew, self.take_seals, self.edit_seal, self.hide_which]
        chosen = self.chance.choice(acts)
        chosen()
        return chosen.__name__


def tampered(chance: random.Random) -> Iterator[tuple[Attacker, str]]:
    """One attack at a time; each is undone."""
    for _ in range(TAMPERINGS):
        with transaction.atomic():
            attacker = Attacker(chance)
            attacker.run("SET LOCAL session_replication_role = replica")
            yield attacker, attacker.act()
            transaction.set_rollback(True)


def test_each_of_a_thousand_tamperings_is_found(sealed: None) -> None:
    assert [fault_of(chain) for chain in TABLES] == [None, None]
    unseen, misnamed, kinds = [], [], set()
    for attacker, act in tampered(random.Random(SEED)):
        fault = fault_of(attacker.chain)
        if fault is None:
            unseen.append((act, attacker.chain))
        elif act == "edit" and attacker.named and fault.where.removeprefix("row ") not in attacker.named:
            misnamed.append((fault, attacker.named))
        kinds |= {fault.kind} if fault else set()
    assert not unseen
    assert not misnamed
    assert {"edited", "deleted", "inserted", "seal_forged", "seal_missing", "seal_gone", "changed"} <= kinds
    assert [fault_of(chain) for chain in TABLES] == [None, None]
    assert SealLeaves.objects.count() == 2 * SEALS
