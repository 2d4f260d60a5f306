"""Secrets and personal values that are planted, each unique, and values that only look like them."""

import base64
import random
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice

from apikeys import tokens

_ANY = random.Random(20_260_531)
_LETTERS = string.ascii_letters + string.digits


def _letters(count: int, of: str = _LETTERS) -> str:
    return "".join(_ANY.choices(of, k=count))


def _own_key() -> str:
    body = "bw_live_" + _letters(30)
    return body + tokens._checksum(body)


@dataclass(frozen=True, slots=True)
class Canary:
    """text: as somebody writes it. secret: the part that nobody may find.

    is_label: not even in the name of a release. is_path: in a path as well, where four numbers are a version.
    is_inline: within a line; the others need lines of their own.
    """

    name: str
    text: str
    secret: str
    is_label: bool = False
    is_path: bool = True
    is_inline: bool = True


@dataclass
class Flock:
    """Some canaries that go in together; fields with room for one get them in turn."""

    members: Sequence[Canary]
    _turns: Iterator[Canary] = field(init=False)
    _labels: Iterator[Canary] = field(init=False)

    def __post_init__(self) -> None:
        self._turns = cycle(self.members)
        self._labels = cycle([one for one in self.members if one.is_label])

    @property
    def prose(self) -> str:
        return "\n\n".join(f"It broke, see this:\n{one.text}\nfor more." for one in self.members)

    def one(self, length: int = 10_000, without: str = "") -> str:
        """The next that fits and has none of these letters in it."""
        return self._next(self._turns, length, without)

    def label(self, length: int = 64) -> str:
        """The next that does not even stay in the name of a release."""
        return self._next(self._labels, length, "")

    def _next(self, turns: Iterator[Canary], length: int, without: str) -> str:
        for one in islice(turns, len(self.members)):
            is_place = one.is_inline and (one.is_path or "/" not in without)
            if is_place and len(one.text) <= length and not {*without} & {*one.text}:
                return one.text
        return "x"


def flocks(count: int, members: Sequence[Canary]) -> list[Flock]:
    return [Flock(members[place::count]) for place in range(count)]


def _at(name: str, text: str, secret: str = "", **more: bool) -> Canary:
    return Canary(name, text, secret or text, **more)


_BASE64 = base64.b64encode(b"mail for kowarifenn@planigale.example!").decode()
_BASIC = base64.b64encode(b"ningauiops:Tr0p1cal-Ningaui-6").decode()
_PEM = "\n".join(_letters(50) for _ in range(2))
_JWT = f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ{_letters(20)}.{_letters(43)}"
_AWS, _GITHUB, _SLACK = "AKIA" + _letters(16, string.ascii_uppercase), "ghp_" + _letters(36), "xoxb-" + _letters(24)
_GOOGLE, _STRIPE, _HOOK = "AIza" + _letters(35), "sk_" + "live_" + _letters(24), "whsec_" + _letters(32)
_NPM, _GITLAB, _OWN = "npm_" + _letters(36), "glpat-" + _letters(20), _own_key()
_SENDGRID = f"SG.{_letters(22)}.{_letters(43)}"
_AZURE, _CHANNEL, _DSN = _letters(86) + "==", "T0" + _letters(30), _letters(32, "0123456789abcdef")

CANARIES = (
    # addresses of people, in many spellings
    _at("email", "quokkabrandt@numbatling.example", is_label=True),
    _at("email with a tag", "wallaroofox+bw77@numbatling.example", is_label=True),
    _at("email in capitals", "DINGOREEDS@NUMBATLING.EXAMPLE", is_label=True),
    _at("email of a subdomain", "echidnahart-a1@mail.north-numbatling.example.org", is_label=True),
    _at("email as a link", "mailto:bilbystone@numbatling.example?subject=x", "bilbystone@numbatling.example"),
    _at("email of unicode", "möllerantechinus@bücher-numbatling.example"),
    _at("email in a URL", "possumvale%40numbatling.example"),
    _at("email in a URL twice", "possumdale%2540numbatling.example"),
    _at("email in HTML", "wombathill&#64;numbatling.example"),
    _at("email in a script", "cuscuslane\\u0040numbatling.example"),
    _at("email in words", "glidermoss [at] numbatling [dot] example"),
    _at("email split by zero width", "potoroo\u200bkerr@numbat\u200bling.example", "potorookerr@numbatling.example"),
    _at("email with a wide at", "bettongash＠numbatling.example", "bettongash@numbatling.example"),
    _at("email in base64", _BASE64),
    # telephones, cards, accounts
    _at("phone", "+49 171 5550 1991"),
    _at("phone behind a word", "call me at (415) 555-2671", "(415) 555-2671"),
    _at("phone as a link", "tel:+14155550143", "+14155550143"),
    _at("card in groups", "4539 1488 0343 6467"),
    _at("card", "4916338506082832"),
    _at("card among numbers", "12 4024007134564847 1227 123", "4024007134564847"),
    _at("card of another brand", "371449635398431"),
    _at("card with dashes", "5425-2334-3010-9903"),
    _at("iban", "DE89370400440532013000"),
    _at("iban in groups", "GB29 NWBK 6016 1331 9268 19"),
    _at("ssn", "219-09-9137"),
    _at("ssn behind a word", "SSN: 457 55 5462", "457 55 5462"),
    # networks
    _at("ipv4", "198.51.100.217", is_path=False),
    _at("ipv4 of a network of one's own", "10.144.187.203", is_path=False),
    _at("ipv6", "2001:db8:85a3::8a2e:370:7334"),
    _at("mac", "f4:5c:89:b1:22:7e"),
    # keys
    _at("jwt", _JWT, is_label=True),
    _at("key of Amazon", _AWS, is_label=True),
    _at("key of Google", _GOOGLE, is_label=True),
    _at("token of GitHub", _GITHUB, is_label=True),
    _at("token of GitLab", _GITLAB, is_label=True),
    _at("token of Slack", _SLACK, is_label=True),
    _at("key of Stripe", _STRIPE, is_label=True),
    _at("key of SendGrid", _SENDGRID),
    _at("token of npm", _NPM, is_label=True),
    _at("key of Azure", f"AccountKey={_AZURE}", _AZURE),
    _at("webhook of Slack", f"https://hooks.slack.com/services/{_CHANNEL}", _CHANNEL),
    _at("DSN", f"https://{_DSN}@sentry.example/4", _DSN),
    _at("key of ours", _OWN, is_label=True),
    _at("secret of a webhook", _HOOK, is_label=True),
    _at("private key", f"-----BEGIN RSA PRIVATE KEY-----\n{_PEM}\n-----END RSA PRIVATE KEY-----", _PEM),
    # passwords, sessions, tokens
    _at("password in a URL", "postgres://svc:Thylacine-Pass-A1@db/prod", "Thylacine-Pass-A1"),
    _at("password in settings", "DB_PASSWORD=Cassowary#4711", "Cassowary#4711"),
    _at("password in JSON", '{"password": "Lyrebird Song 9"}', "Lyrebird Song 9"),
    _at("password in YAML", "passwd: Pl4typus%Currawong", "Pl4typus%Currawong"),
    _at("password of a command", "curl -u deploy:Lorikeet55x https://h.example", "Lorikeet55x"),
    _at("password in words", "the password is Bowerbird!77", "Bowerbird!77"),
    _at("password in XML", "<Password>Honeyeater88y</Password>", "Honeyeater88y"),
    _at("cookies", "Cookie: sid=pademelonpademelon; theme=dunnarts7", "sid=pademelonpademelon"),
    _at("cookie that is set", "Set-Cookie: auth=melomysmelomys9; Path=/", "melomysmelomys9"),
    _at("session", "PHPSESSID=r2t5uvjq435r4q7ib3vtdjq120", "r2t5uvjq435r4q7ib3vtdjq120"),
    _at("bearer", f"Authorization: Bearer {(_TOKEN := _letters(40))}", _TOKEN),
    _at("basic", f"Authorization: Basic {_BASIC}", _BASIC),
    _at("token in a query", f"https://h.example/?access_token={(_QUERY := _letters(30))}", _QUERY),
    # people
    _at("account in a path", "/home/quollkessler/shop/cart.py", "quollkessler"),
    _at("account in a path of Windows", "C:\\Users\\BandicootMeyer\\shop\\cart.py", "BandicootMeyer"),
    _at("name below a letter", "It broke.\nBest regards,\nXavier Zobelquist", "Xavier Zobelquist", is_inline=False),
    _at("name beside an address", "Petra Kookaburra <petrakooka@numbatling.example>", "Petra Kookaburra"),
    _at("name behind a word", "Reported by Ingeborg Zwickelmann", "Ingeborg Zwickelmann"),
    _at("name of a field", '{"first_name": "Ottokarina"}', "Ottokarina"),
    _at("name of a device", "Wilhelminas-MacBook-Pro.local", "Wilhelminas"),
)

LOOK_ALIKES = (
    *("550e8400-e29b-41d4-a716-446655440000", "01890a5d-ac96-774b-bcce-b302099a8057", "{6F9619FF-8B86-D011-B42D-0}"),
    *("d41d8cd98f00b204e9800998ecf8427e", "1b2c3d4e5f60718293a4b5c6d7e8f90123456789", "sha256:9f86d081884c7d65"),
    *("order #3677824996", "INV-2026-000417", "PO 20260501-7731", "ticket 4711", "SKU 00123-45-X", "page 12 of 345"),
    *("v1.8.0.1", "version 10.0.124.4193", "Chrome/120.0.6099.71", "torch==2.9.1.1", "1.2.3-rc.4+build.56", "2.0.0b1"),
    *("2026-05-31T07:03:04.567Z", "2026-05-31 07:03:04,567", "ts=1780210984567", "31/05/2026 07:03", "T+00:00:12.345"),
    *("#ff00ff", "0x7f3e00aa", "0xdeadbeefcafe", "rgba(255, 99, 71, 0.5)", "U+1F600", "%20%2F%3A", "deadbeef"),
    *("cart.js:123:45", "File cart.py, line 42, in pay", "at pay (cart.js:3:7)", "Cart.java:118"),
    *("ISBN 978-3-16-148410-0", "ISSN 2049-3630", "3.14159265358979", "6.022e23", "1,234,567.89", "-12.5 %"),
    *("lodash@4.17.21", "@angular/core@17.0.2", "icon@2x.png", "git@github.com:acme/shop.git", "@decorator"),
    *("@media (max-width: 600px)", "a:hover::before", ".btn-primary > li:nth-child(2n+1)", "margin: 0 auto"),
    *("shop-7d4b9c6f5-x2x9z", "pod/web-0", "10-cart.conf", "127.0.0.1:8080", "0.0.0.0/0", "[::1]:80", "255.255.255.0"),
    *("password: required", "token is null", "Unexpected token: punc (,)", "secretName: shop-tls", "@Override"),
    *("4143 9613 9179 0047", "12:34:56", "SELECT id FROM cart WHERE id = 7", "/usr/lib/python3.11/ssl.py"),
    *("https://example.com:8080/path?page=2", "Mozilla/5.0 (X11; Linux x86_64)", "ENOENT: no such file", "HTTP 503"),
    *("core::option::unwrap", "api_key=YOUR_API_KEY"),
)
