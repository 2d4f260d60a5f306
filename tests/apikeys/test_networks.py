"""Networks that a key may be used from: how they are written, and what lies within them."""

from ipaddress import IPv4Address, ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apikeys import networks

WRITTEN = {
    "192.0.2.7": "192.0.2.7/32",
    "192.0.2.7/32": "192.0.2.7/32",
    "10.0.0.0/8": "10.0.0.0/8",
    "0.0.0.0/0": "0.0.0.0/0",
    "255.255.255.255": "255.255.255.255/32",
    "::/0": "::/0",
    "::1": "::1/128",
    "2001:DB8::/32": "2001:db8::/32",
    "2001:db8:0:0:0:0:0:7": "2001:db8::7/128",
    "::ffff:192.0.2.7": "192.0.2.7/32",
    "::ffff:10.0.0.0/104": "10.0.0.0/8",
    "::ffff:0:0/96": "0.0.0.0/0",
    "::ffff:c000:207/128": "192.0.2.7/32",
    "64:ff9b::192.0.2.7": "64:ff9b::c000:207/128",
}
GARBAGE = [
    *("", " ", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/ 8", "10.0.0.0 /8"),
    *("10.0.0.1/8", "10.0.0/8", "10", "10.0.0.0.0", "010.0.0.1", "0x0a.0.0.1", "256.0.0.1", "1.2.3.4,5.6.7.8"),
    *("10.0.0.0/255.0.0.0", "10.0.0.0/0.255.255.255", "10.0.0.0/8/8", " 10.0.0.1", "10.0.0.1\n", "10.0.0.*"),
    *("fe80::1%eth0", "fe80::%1/64", "fe80::1%25eth0", "::g", ":::", "1::2::3", "2001:db8::1/32", "::/129"),
    *("[::1]", "::1:8080:", "12345::", "::ffff:0:0/95", "::ffff:10.0.0.0/64", "::ffff:256.0.0.1"),
    *("localhost", "example.com", "١٠.0.0.1", "10.0.0.0/٨", "10.0.0.1\x00", "1" * 100),
]
WITHIN = [
    ("192.0.2.0/24", "192.0.2.0", True),
    ("192.0.2.0/24", "192.0.2.255", True),
    ("192.0.2.0/24", "192.0.1.255", False),
    ("192.0.2.0/24", "192.0.3.0", False),
    ("192.0.2.7", "192.0.2.7", True),
    ("192.0.2.7", "192.0.2.6", False),
    ("192.0.2.6/31", "192.0.2.7", True),
    ("192.0.2.6/31", "192.0.2.8", False),
    ("0.0.0.0/0", "203.0.113.9", True),
    ("0.0.0.0/0", "2001:db8::1", False),
    ("::/0", "203.0.113.9", False),
    ("::/0", "2001:db8::1", True),
    ("::/0", "::ffff:203.0.113.9", False),
    ("192.0.2.0/24", "::ffff:192.0.2.7", True),
    ("192.0.2.0/24", "::ffff:c000:207", True),
    ("::ffff:192.0.2.0/120", "192.0.2.7", True),
    ("192.0.2.0/24", "::192.0.2.7", False),
    ("192.0.2.0/24", "64:ff9b::192.0.2.7", False),
    ("2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", True),
    ("2001:db8::/32", "2001:db9::", False),
    ("2001:db8::/32", "2001:DB8::1", True),
    ("fe80::/10", "fe80::1", True),
    ("fe80::/10", "fe80::1%eth0", False),
    ("192.0.2.0/24", "", False),
    ("192.0.2.0/24", "unknown", False),
    ("192.0.2.0/24", "192.0.2.7:443", False),
    ("192.0.2.0/24", "[192.0.2.7]", False),
    ("192.0.2.0/24", "192.0.2.07", False),
    ("192.0.2.0/24", " 192.0.2.7", False),
    ("192.0.2.0/24", "192.0.2.7, 10.0.0.1", False),
    ("192.0.2.0/24", "3221225991", False),
]


@pytest.mark.parametrize(("text", "kept"), WRITTEN.items())
def test_a_network_is_kept_in_one_form(text: str, kept: str) -> None:
    assert str(networks.read(text)) == kept


@pytest.mark.parametrize("text", GARBAGE, ids=repr)
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(networks.BadNetwork):
        networks.read(text)


def test_bits_beyond_the_prefix_are_told_with_what_was_meant() -> None:
    with pytest.raises(networks.BadNetwork, match=r"10\.0\.0\.0/8"):
        networks.read("10.1.2.3/8")


@pytest.mark.parametrize(("network", "address", "is_within"), WITHIN)
def test_an_address_lies_within_or_not(network: str, address: str, is_within: bool) -> None:
    assert networks.contain((networks.read(network),), address) == is_within


def test_one_of_many_is_enough() -> None:
    several = tuple(map(networks.read, ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"]))
    assert [networks.contain(several, one) for one in ("10.9.9.9", "192.0.2.7", "2001:db8::9", "11.0.0.0")] == [
        *([True] * 3),
        False,
    ]


@settings(deadline=None)
@given(st.ip_addresses(v=4), st.integers(0, 32), st.ip_addresses(v=4))
def test_ipv4_is_the_same_within_ipv6(address: IPv4Address, prefix: int, other: IPv4Address) -> None:
    network = ip_network((int(address) >> (32 - prefix) << (32 - prefix), prefix))
    mapped = networks.read(f"::ffff:{network.network_address}/{prefix + 96}")
    assert mapped == networks.read(str(network)) == network
    assert networks.contain((mapped,), f"::ffff:{other}") == (other in network)


@settings(deadline=None)
@given(st.ip_addresses(), st.data())
def test_what_is_covered_lies_within(address: IPv4Address, data: st.DataObject) -> None:
    bits = address.max_prefixlen
    outer, inner = sorted(data.draw(st.tuples(st.integers(0, bits), st.integers(0, bits))))
    wide, narrow = (ip_network(f"{address}/{prefix}", strict=False) for prefix in (outer, inner))
    assert networks.cover([wide], narrow)
    assert networks.cover([narrow], wide) == (outer == inner)


def test_networks_of_two_versions_cover_nothing_of_each_other() -> None:
    assert not networks.cover([ip_network("::/0")], ip_network("10.0.0.0/8"))
    assert not networks.contain((ip_network("::/0"),), str(ip_address("10.0.0.1")))
