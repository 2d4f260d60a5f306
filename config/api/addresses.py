"""Which address a call came from: the socket's peer, or what a proxy of ours says in `X-Forwarded-For`.

No other header is read, here or anywhere: not `Forwarded`, `X-Real-IP`, `CF-Connecting-IP` or `True-Client-IP`.
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
LONGEST = 1024  # characters of the header, from its right end
HOPS = 16  # addresses of it
REMEMBERED = 2048
IPV6_PREFIX = 64  # what one customer has at the least: its addresses are one source


def client_of(remote_addr: str | None, forwarded_for: str | None = None) -> str:
    """The client's address, or "" where the peer has none (a Unix socket).

    `X-Forwarded-For` is read only when the peer is one of TRUSTED_PROXIES, from the right: the first address that is no
    trusted proxy is the client. What is no address ends the walk, since whoever wrote it was not ours.
    """
    proxies = _networks(tuple(settings.TRUSTED_PROXIES))
    return _client(remote_addr or "", (forwarded_for or "")[-LONGEST - 1 :] if proxies else "", proxies)


def is_trusted(remote_addr: str | None) -> bool:
    """Whether the peer is a proxy of ours, whose `X-Forwarded-…` headers say the truth."""
    proxies = _networks(tuple(settings.TRUSTED_PROXIES))
    address = parse(remote_addr or "") if proxies else None
    return address is not None and _is_in(address, proxies)


@lru_cache(maxsize=REMEMBERED)
def source_of(client_ip: str) -> str:
    """What is counted as one source: an IPv4 address, or the /64 of an IPv6 address."""
    address = parse(client_ip)
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address) >> IPV6_PREFIX << IPV6_PREFIX, IPV6_PREFIX)))
    return str(address or "")


def parse(text: str) -> Address | None:
    """An address as servers and proxies write it: with a port, in brackets, with a zone, IPv4 within IPv6."""
    text = text.strip(" \t")[:64]
    if text.startswith("["):
        text, closed, port = text[1:].partition("]")
        if not closed or (port and not _is_port(port)):
            return None
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
        if not _is_port(f":{port}"):
            return None
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_port(text: str) -> bool:
    return text[0] == ":" and len(text) <= 6 and text.isascii() and text[1:].isdigit()


@lru_cache(maxsize=8)
def _networks(given: tuple[str | Network, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(one) for one in given)


@lru_cache(maxsize=REMEMBERED)
def _client(peer: str, forwarded_for: str, proxies: tuple[Network, ...]) -> str:
    client = parse(peer)
    if client is None or not _is_in(client, proxies):
        return str(client or "")
    for written in _from_the_right(forwarded_for):
        address = parse(written)
        if address is None:
            break
        client = address
        if not _is_in(address, proxies):
            break
    return str(client)


def _from_the_right(forwarded_for: str) -> list[str]:
    written = forwarded_for.split(",")
    if len(forwarded_for) > LONGEST:
        written = written[1:]  # it may have lost its beginning
    return written[::-1][:HOPS]


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)
