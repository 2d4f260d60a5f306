"""Settled rows of a chain become seals: one Merkle root for up to 1,000 rows, signed, hung onto the seal before."""

import itertools
from datetime import UTC, datetime

from django.db import connection, transaction
from django.utils import timezone

from audit import chains, merkle, seal_log, seals, signing
from audit.chains import Chain
from audit.models import Seal, SealLeaves

_LOCK = 7_003_007  # advisory, beside a number of the chain: one sealer at a time
ROWS_MAX = 1_000  # of one seal
SEALS_MAX = 200  # of one run and chain: others wait for the worker


def seal_all() -> int:
    """Seal what is settled in every chain and write the seals outside of the database too; how many were made."""
    made = 0
    for chain in chains.CHAINS.values():
        fresh = list(itertools.takewhile(bool, (seal_next(chain) for _ in range(SEALS_MAX))))
        seal_log.catch_up(chain.name, fresh=fresh[0].number if fresh and fresh[0] else None)
        made += len(fresh)
    return made


@transaction.atomic
def seal_next(chain: Chain) -> Seal | None:
    """One seal of the oldest rows that have none; None when there are none, or somebody else is at it."""
    if not _is_ours(chain):
        return None
    before = seals.newest(chain)
    lines = _alike(chain, chains.settled_after(chain, seals.end_of(before), ROWS_MAX))
    if not lines:
        return None
    leaves = [merkle.leaf(line) for line in lines]
    seal = _signed(_filled(chain, lines, leaves, before))
    SealLeaves.objects.create(seal=seal, hashes=b"".join(leaves))
    return seal


def month_of(line: bytes) -> str:
    """The month of a row's id, which is that of its partition."""
    milliseconds = int.from_bytes(chains.id_of(line).bytes[:6], "big")
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m}"


def _is_ours(chain: Chain) -> bool:
    number = sorted(chains.CHAINS).index(chain.name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, number])
        return bool(cursor.fetchone()[0])


def _alike(chain: Chain, lines: list[bytes]) -> list[bytes]:
    """The first lines of one era, and of one month where months are forgotten as a whole."""

    def kind(line: bytes) -> tuple[int, str]:
        return chains.position_of(line).era, month_of(line) if chain.has_months else ""

    return list(next(itertools.groupby(lines, kind))[1]) if lines else []


def _filled(chain: Chain, lines: list[bytes], leaves: list[bytes], before: Seal | None) -> Seal:
    first, last = chains.position_of(lines[0]), chains.position_of(lines[-1])
    return Seal(
        format=chains.FORMAT,
        chain=chain.name,
        number=before.number + 1 if before else 1,
        month=month_of(lines[0]) if chain.has_months else "",
        era=first.era,
        first_xid=first.xid,
        first_seq=first.seq,
        last_xid=last.xid,
        last_seq=last.seq,
        count=len(lines),
        root=merkle.root(leaves),
        previous=seals.hash_of(before) if before else seals.NO_SEAL,
        sealed_at=timezone.now(),
        key_id=signing.key_id(signing.public_key()),
    )


def _signed(seal: Seal) -> Seal:
    seal.signature = signing.sign(seals.statement(seal))
    seal.save(force_insert=True)
    return seal
