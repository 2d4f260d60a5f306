"""Proofs of one row, checked by the command and by the lines that docs/audit.md shows."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command

from audit import chains, proofs, sealing, signing
from audit.models import AccessRecord
from tests.audit.conftest import as_superuser, call

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "audit.md"
pytestmark = pytest.mark.usefixtures("history")


def place(number: int) -> chains.Position:
    return chains.Position(*AccessRecord.objects.order_by("seq").values_list("era", "xid", "seq")[number])


@pytest.fixture
def proof() -> dict[str, Any]:
    for _ in range(11):
        call()
    sealing.seal_all()
    return proofs.of(chains.ACCESS, place(7))


def test_every_row_of_a_seal_has_a_proof(proof: dict[str, Any]) -> None:
    for number in range(11):
        one = proofs.of(chains.ACCESS, place(number))
        assert proofs.check(one, signing.trusted())["count"] == 11
        assert str(AccessRecord.objects.order_by("seq")[number].pk) in one["line"]


def test_a_row_without_a_seal_has_none() -> None:
    call()
    with pytest.raises(proofs.NotSealed):
        proofs.of(chains.ACCESS, place(0))


def test_a_row_that_was_changed_has_none(proof: dict[str, Any]) -> None:
    as_superuser("UPDATE audit_accessrecord SET status = 500 WHERE seq = %s", [place(3).seq])
    with pytest.raises(proofs.NotSealed, match="not as they were sealed"):
        proofs.of(chains.ACCESS, place(7))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("line", lambda text: text.replace("200", "201")),
        ("index", lambda index: index + 1),
        ("index", lambda index: 11),
        ("index", lambda index: -1),
        ("path", lambda path: path[:-1]),
        ("path", lambda path: [*path, "00" * 32]),
        ("seal", lambda text: text.replace('"count":11', '"count":12')),
        ("signature", lambda text: signing.encoded(bytes(64))),
        ("line", lambda text: None),
        ("seal", lambda text: "{"),
    ],
)
def test_a_proof_that_was_changed_proves_nothing(proof: dict[str, Any], name: str, change: Any) -> None:
    proof[name] = change(proof[name])
    with pytest.raises(proofs.BadProof):
        proofs.check(proof, signing.trusted())


def test_a_proof_by_another_key_proves_nothing(proof: dict[str, Any]) -> None:
    with pytest.raises(proofs.BadProof, match="not trusted"):
        proofs.check(proof, {})


def test_a_proof_of_a_newer_release_is_refused(proof: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "FORMAT", chains.FORMAT - 1)
    with pytest.raises(proofs.BadProof, match="The seal has the format 1, which is not known here"):
        proofs.check(proof, signing.trusted())


def test_the_command_asks_no_database(proof: dict[str, Any], tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "proof.json"
    file.write_bytes(orjson.dumps(proof))
    call_command("audit_check_proof", str(file), public_key=[proof["public_key"]])
    assert "as row 8 of 11 in seal 1 of the chain access" in capsys.readouterr().out
    file.write_bytes(orjson.dumps({**proof, "index": 6}))
    with pytest.raises(CommandError, match="not one that this seal covers"):
        call_command("audit_check_proof", str(file))


def test_the_lines_in_the_document_check_it_too(proof: dict[str, Any], tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert found
    program, file = tmp_path / "check.py", tmp_path / "proof.json"
    program.write_text(found[1])

    def run(document: dict[str, Any]) -> int:
        file.write_bytes(orjson.dumps(document))
        argv = [sys.executable, "-I", str(program), str(file), proof["public_key"]]
        return subprocess.run(argv, capture_output=True, check=False).returncode

    assert run(proof) == 0
    assert run({**proof, "line": proof["line"].replace("200", "201")}) == 1
    assert run({**proof, "seal": proof["seal"].replace('"number":1', '"number":2')}) == 1
