"""The only door to the internet: every outgoing call is judged, bounded and made here."""

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import aiohttp
from aiohappyeyeballs import AddrInfoType
from django.conf import settings
from yarl import URL

from integrations import addresses

RESPONSE_CAP = 16 * 1024
CONNECT_SECONDS = 5.0
RESOLVERS = 50  # a thread each, so that one endpoint's slow name server holds up no other
URL_LENGTH = 2_000
_URL_CHARACTERS = frozenset(map(chr, range(0x21, 0x7F))) - set('\\"<>^`{|}')


class ForbiddenUrl(ValueError):
    """The message is for the person who typed the URL."""


class ForbiddenAddress(OSError):
    """The name led to an address that is not for webhooks."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `error` is one of our codes, since raw errors tell of the inside of networks."""

    status: int | None = None
    error: str = ""
    body: bytes = b""
    retry_after: str | None = None
    duration_ms: int = 0


def check_url(text: str) -> URL:
    """The URL as aiohttp will read it. Raises ForbiddenUrl."""
    if len(text) > URL_LENGTH or not set(text) <= _URL_CHARACTERS:
        raise ForbiddenUrl("Use a URL of plain ASCII characters, at most 2,000 of them.")
    try:
        url = URL(text)
        host, port = url.host, url.port
    except ValueError as error:
        raise ForbiddenUrl("This is not a URL.") from error
    if url.scheme != "https" and not (url.scheme == "http" and settings.OUTBOUND_PLAIN_HTTP):
        raise ForbiddenUrl("Use an https:// URL.")
    if not host or "@" in _authority(text) or "#" in text:
        raise ForbiddenUrl("Use a URL with a host and without a user name, password or fragment.")
    if port not in (80, 443) and not 1023 < (port or 0) < 65536:
        raise ForbiddenUrl("Use port 80, 443 or one above 1023.")
    spelled = addresses.literal(host)
    if spelled and not addresses.is_allowed(spelled, settings.OUTBOUND_ALLOW_CIDRS):
        raise ForbiddenUrl("This address is not on the public internet, so webhooks may not reach it.")
    return url


def _authority(text: str) -> str:
    """Between `//` and the path, as it was typed: parsers drop an empty user name."""
    return text.partition("//")[2].partition("/")[0].partition("?")[0]


def guarded_socket(info: AddrInfoType) -> socket.socket:
    """A socket for exactly the address that is judged here, whether a resolver or the URL itself named it."""
    family, kind, protocol, _, address = info
    if not addresses.is_allowed(str(address[0]), settings.OUTBOUND_ALLOW_CIDRS):
        raise ForbiddenAddress("forbidden address")
    return socket.socket(family, kind, protocol)


@cache
def verified(ca_file: str) -> ssl.SSLContext:
    """TLS 1.2 or later, to a host that its certificate names; signed by who the system trusts, or a CA of the file."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def open_session() -> aiohttp.ClientSession:
    """Connections for one batch; call it inside the loop that will use it."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(RESOLVERS))
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            ssl=verified(settings.OUTBOUND_CA_FILE), socket_factory=guarded_socket, limit=0, use_dns_cache=False
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        auto_decompress=False,
        trust_env=False,
    )


async def post(session: aiohttp.ClientSession, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
    """POST once, within the deadline whatever the other side does. Never raises for what the network does."""
    began = time.perf_counter()
    status, error, received, wait = None, "", b"", None
    try:
        async with (
            asyncio.timeout(settings.OUTBOUND_TIMEOUT_SECONDS),
            session.post(check_url(url), data=body, headers=_plain(headers), allow_redirects=False) as response,
        ):
            received = await _first_bytes(response)
            status, wait = response.status, response.headers.get("Retry-After")
    except (aiohttp.ClientError, OSError, ValueError) as failure:
        error = _code(failure)
    duration = int((time.perf_counter() - began) * 1000)
    return Answer(status, error, received, wait, duration)


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    return {**headers, "User-Agent": f"Bugwire/{settings.VERSION}", "Accept-Encoding": "identity"}


async def _first_bytes(response: aiohttp.ClientResponse) -> bytes:
    received = b""
    async for chunk in response.content.iter_any():
        received += chunk
        if len(received) >= RESPONSE_CAP:
            response.close()
            break
    return received[:RESPONSE_CAP]


def _code(failure: BaseException) -> str:
    for kind, code in _CODES:
        if isinstance(failure, kind) or isinstance(getattr(failure, "os_error", None), kind):
            return code
    return "failed"


# In order: the first that fits names the failure.
_CODES: list[tuple[type[BaseException], str]] = [
    (ForbiddenAddress, "forbidden_address"),
    (ForbiddenUrl, "forbidden_url"),
    (TimeoutError, "timeout"),
    (aiohttp.ClientConnectorDNSError, "dns_failed"),
    (ssl.SSLError, "tls_failed"),
    (aiohttp.ClientSSLError, "tls_failed"),
    (aiohttp.ClientConnectorError, "connect_failed"),
    (aiohttp.ClientError, "bad_response"),
    (OSError, "connect_failed"),
]
