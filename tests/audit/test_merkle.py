"""Merkle trees: RFC 6962's own values, and paths that lead to the root from every leaf and from nowhere else."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from audit import merkle

LINES = st.lists(st.binary(max_size=40), min_size=1, max_size=70)
# Inputs and roots of the reference implementation of Certificate Transparency (merkletree/tests).
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def test_roots_are_those_of_certificate_transparency() -> None:
    leaves = [merkle.leaf(bytes.fromhex(text)) for text in INPUTS]
    assert {count: merkle.root(leaves[:count]).hex() for count in ROOTS} == ROOTS
    assert merkle.root([]) == sha256(b"").digest()


@given(LINES, st.data())
def test_the_path_of_a_line_leads_to_the_root(lines: list[bytes], data: st.DataObject) -> None:
    leaves = [merkle.leaf(line) for line in lines]
    index = data.draw(st.integers(0, len(lines) - 1))
    path = merkle.path(leaves, index)
    assert merkle.root_by(path, leaves[index], index, len(lines)) == merkle.root(leaves)


@given(LINES, st.binary(max_size=40), st.data())
def test_no_other_line_has_that_path(lines: list[bytes], other: bytes, data: st.DataObject) -> None:
    leaves = [merkle.leaf(line) for line in lines]
    index = data.draw(st.integers(0, len(lines) - 1))
    path = merkle.path(leaves, index)
    reached = merkle.root_by(path, merkle.leaf(other), index, len(lines))
    assert (reached == merkle.root(leaves)) == (other == lines[index])


@given(LINES, st.data())
def test_a_path_of_another_length_leads_nowhere(lines: list[bytes], data: st.DataObject) -> None:
    leaves = [merkle.leaf(line) for line in lines]
    index = data.draw(st.integers(0, len(lines) - 1))
    path = merkle.path(leaves, index)
    assert merkle.root_by([*path, bytes(32)], leaves[index], index, len(lines)) is None
    if path:
        assert merkle.root_by(path[:-1], leaves[index], index, len(lines)) is None
