"""Whose address a call has: only what proxies of ours say is believed, and only their own part of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.api import addresses

PROXIES = ["10.0.0.0/8", "fd00::/8"]
CLIENT = "203.0.113.7"


@pytest.fixture(autouse=True)
def proxies(settings: Any) -> None:
    settings.TRUSTED_PROXIES = PROXIES


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1,10.0.0.2,\t10.0.0.3 ", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.9, 10.0.0.2", "10.0.0.9"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("fd00::1", "2001:db8::5", "2001:db8::5"),
        ("fd00::1", "[2001:db8::5]:4711", "2001:db8::5"),
        ("10.0.0.1", "[2001:DB8:0::5]", "2001:db8::5"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, ::ffff:10.0.0.2", "198.51.100.1"),
        ("::ffff:203.0.113.7", None, "203.0.113.7"),
        ("fe80::1%eth0", None, "fe80::1"),
        ("", "198.51.100.1", ""),
        (None, "198.51.100.1", ""),
        ("unix:", None, ""),
    ],
)
def test_the_client_is_the_rightmost_address_that_is_no_proxy(
    peer: str | None, forwarded_for: str | None, client: str
) -> None:
    assert addresses.client_of(peer, forwarded_for) == client


@pytest.mark.parametrize(
    "junk",
    [
        *("unknown", "_hidden", "", " ", "198.51.100", "198.51.100.1.1", "198.51.100.01", "0x7f.1", "2130706433"),
        *("1.1.1.1:", "1.1.1.1:x", "1.1.1.1:123456", "[::1", "[::1]x", "[::1]:", "::1]", "localhost", "1.1.1.1\x00"),
        *("1.1.1.1;a=b", "for=1.1.1.1", '"1.1.1.1"', "1.1.1.1/32", "\u0661.1.1.1", "g::1", "1.1.1.1 1.1.1.1"),
        "1.1.1.1\n",
    ],
)
def test_junk_ends_the_walk_at_the_last_that_was_ours(junk: str) -> None:
    assert addresses.client_of("10.0.0.1", f"198.51.100.1, {junk}, 10.0.0.2") == "10.0.0.2"


def test_without_proxies_the_header_is_not_looked_at(settings: Any) -> None:
    settings.TRUSTED_PROXIES = []
    assert addresses.client_of("10.0.0.1", "198.51.100.1") == "10.0.0.1"


def test_a_long_header_is_read_at_its_right_end_alone() -> None:
    long = "1.1.1.1, " * 100_000 + "198.51.100.1, 10.0.0.2"
    assert addresses.client_of("10.0.0.1", long) == "198.51.100.1"


def test_an_address_cut_in_two_is_not_read() -> None:
    tail = "," * (addresses.LONGEST - 7)
    assert addresses._from_the_right(f"91.1.1.1{tail}"[-addresses.LONGEST - 1 :])[-1] == ""


def test_a_long_chain_of_proxies_ends_somewhere() -> None:
    chain = ", ".join(["198.51.100.1", *["10.0.0.2"] * addresses.HOPS])
    assert addresses.client_of("10.0.0.1", chain) == "10.0.0.2"


@given(st.text(max_size=80), st.lists(st.text("0123456789abcdef:.[]%, ", max_size=20), max_size=20))
def test_whoever_is_no_proxy_cannot_choose_an_address(noise: str, parts: list[str]) -> None:
    assert addresses.client_of(CLIENT, noise + ",".join(parts)) == CLIENT


@given(st.text(max_size=80), st.text("0123456789abcdef:.[]%, ", max_size=60))
def test_what_stands_left_of_the_client_changes_nothing(noise: str, parts: str) -> None:
    assert addresses.client_of("10.0.0.1", f"{noise},{parts},{CLIENT}, 10.0.0.2") == CLIENT


@given(st.text(max_size=200))
def test_any_text_is_an_address_or_is_not(text: str) -> None:
    found = addresses.parse(text)
    assert found is None or addresses.parse(str(found)) == found


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("", ""),
    ],
)
def test_a_source_is_an_ipv4_address_or_half_of_an_ipv6_address(address: str, source: str) -> None:
    assert addresses.source_of(address) == source
