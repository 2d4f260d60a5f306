"""Addresses of machines and their network cards; versions of four numbers look the same."""

import ipaddress

from bugs.privacy.detectors.shapes import WORD, Found, Shape, compiled

_PRODUCTS = (
    r"version|versions|ver|v|sdk|release|rel|build|built|update|updated|upgrade|upgraded|studio|cli|api|ios|android|os"
    r"|titanium|runtime|driver|firmware|gecko|chrome|safari|webkit|node|npm|java|jdk|python|php|ruby|rails|gem|plugin"
    r"|module|package|tools|app|xcode|assembly|running|chapter|chapters|section"
)
_HOSTS = (
    r"ip|ips|ipv4|addr|address|addresses|host|hosts|hostname|client|server|peer|remote|remote_addr|gateway|dns|proxy|ping"
    r"|ssh|telnet|curl|nameserver|network|subnet|login from|connection from|connect to|connected to|listening on"
    r"|forwarded[-_ ]for|real[-_ ]ip"
)
_VERSION = compiled(
    rf"(?i)(?:\b(?:{_PRODUCTS})[\s:=#\"'(.]{{0,3}}(?:v\.?)?|[A-Za-z\d][/_-]|(?:[=!~^<>]=|[~^<>]) ?)$", is_whole=True
)
_ADDRESS = compiled(rf"(?i)(?:\b(?:{_HOSTS})[\s\"':=\[(,-]{{0,6}}(?:is |was |of )?|//|@)$", is_whole=True)
_PORT = compiled(r"^(?::\d{2,5}(?:[^\w:]|$)|/)", is_whole=True)
_SMALL_FIRST, _SMALL = 20, 100  # 1.8.0.1: of a thousand addresses five are like it, of versions nearly all


def _is_ipv4(found: Found) -> bool:
    """No version, and an address of some machine: not this one, none, all, or a mask."""
    texts = found.value.split(b".")
    parts = [int(text) for text in texts]
    if max(parts) > 255 or parts[0] in (0, 127, 255) or any(len(text) > 1 and text[:1] == b"0" for text in texts):
        return False
    if found.after(2)[:1] == b"." and found.after(2)[1:].isdigit():
        return False  # the beginning of a longer number
    before = found.before(40)
    if _ADDRESS.search(before) is not None:
        return True
    is_small = parts[0] < _SMALL_FIRST and max(parts) < _SMALL and _PORT.search(found.after(8)) is None
    return not is_small and _VERSION.search(before) is None


def _is_ipv6(found: Found) -> bool:
    groups = [group for group in found.value.split(b":") if group]
    try:
        address = ipaddress.IPv6Address(found.value.decode())
    except ValueError:
        return False
    if address.is_loopback or address.is_unspecified or len(groups) < 3:
        return False
    is_row = len(groups) == 8 and max(map(len, groups)) < 3  # a fingerprint or a dump
    goes_on = found.after(1) == b":" and _PORT.search(found.after(8)) is None
    return not is_row and not goes_on and any(byte in b"0123456789" for byte in found.value)


def _is_mac(found: Found) -> bool:
    digits = found.value.lower().replace(b"-", b":")
    return digits not in (b"00:00:00:00:00:00", b"ff:ff:ff:ff:ff:ff") and len(set(digits.split(b":"))) > 2


IPV4 = Shape(
    kind="ip",
    pattern=r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}",
    trigger=r"\d\.\d{1,3}\.\d{1,3}\.\d",
    check=_is_ipv4,
    before=WORD | frozenset(b"."),
    after=WORD,
)
IPV6 = Shape(
    kind="ip",
    pattern=(
        r"(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}"
        r"|(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}"
        r"|::(?:[0-9A-Fa-f]{1,4}:){1,6}[0-9A-Fa-f]{1,4}"
    ),
    trigger=r"[0-9A-Fa-f]::[0-9A-Fa-f]|::[0-9A-Fa-f]{1,4}:|(?:[0-9A-Fa-f]{1,4}:){7}",
    check=_is_ipv6,
    before=WORD | frozenset(b":."),
    after=WORD,
)
MAC = Shape(
    kind="mac",
    pattern=r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5}",
    trigger=r"[0-9A-Fa-f]{2}(?:(?::[0-9A-Fa-f]{2}){5}|(?:-[0-9A-Fa-f]{2}){5})",
    check=_is_mac,
    before=WORD | frozenset(b":-"),
    after=WORD | frozenset(b":-"),
)
