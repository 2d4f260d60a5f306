"""Secrets by the names before them: in code, configuration, JSON, queries, forms, headers, command lines and XML."""

from bugs.privacy.detectors import plausible
from bugs.privacy.detectors.shapes import Found, Shape, compiled

_PASSWORDS = r"pass(?:word|wd|phrase|code)|pwd"
_SECRETS = (
    r"secret(?:[_ -]?(?:access)?[_ -]?key)?|token|api[_ -]?key|access[_ -]?key|auth[_ -]?key|private[_ -]?key"
    r"|encryption[_ -]?key|signing[_ -]?key|account[_ -]?key|shared[_ -]?key|credentials?|client[_ -]?id[_ -]?secret|otp|mfa[_ -]?code"
)
_COOKIES = (
    r"(?:php|j|asp)?sess(?:ion)?id(?:_ss)?|asp\.net_sessionid|connect\.sid|laravel_session|csrf-?token|xsrf-token|csrfmiddlewaretoken"
    r"|remember_(?:me|token|user_token)|_gh_sess|__(?:host|secure)-[\w.-]{1,40}|auth_?cookie"
)
_PARAMETERS = (
    r"access_token|auth|authorization|sig|signature|x-amz-(?:signature|credential|security-token)|x-goog-signature|sid"
)
_IS = r"""\s{0,4}(?:=>|:=|[:=])\s{0,4}"""
_NAME_END = r"""(?:[_-]?(?:confirmation|confirm|again|hash|value|2))?\\{0,3}["']?\]?"""


def _both(kind: str, names: str) -> tuple[Shape, ...]:
    """Behind a name, with quotes and without."""
    name = rf"(?i:{names}){_NAME_END}{_IS}"
    return (
        Shape(
            kind=kind,
            pattern=(
                rf"{name}(?:[uUbBrR@$]?"
                r""""((?:[^"\\\x00\r\n]|\\[^\x00\r\n])+)"|[uUbBrR@$]?'((?:[^'\\\x00\r\n]|\\[^\x00\r\n])+)'"""
                r"""|\\{1,3}["']([^"'\\\x00\r\n]+)\\{1,3}["'])"""
            ),
            trigger=rf"(?i:{names})",
            check=_is_quoted,
        ),
        Shape(
            kind=kind,
            pattern=rf"""{name}([^\s"'&;,<>(){{}}\[\]|\\\x00]{{3,}})""",
            trigger=rf"(?i:{names})",
            check=_is_bare,
        ),
        Shape(
            kind=kind,
            pattern=rf"""(?:--|\s-D)[\w.-]*(?i:{names})(?:=|\s{{1,3}})["']?([^\s"'<>|\x00-][^\s"'<>|\x00]{{2,}})""",
            trigger=rf"(?i:{names})",
            check=plausible.is_secret,
        ),
        Shape(
            kind=kind,
            pattern=rf"<(?:[\w-]{{1,20}}:)?[\w.-]*(?i:{names})(?:\s[^<>\x00\r\n]*)?>([^<>\s\x00]{{3,}})</",
            trigger=rf"(?i:{names})",
            check=plausible.is_quoted_secret,
        ),
    )


def _is_quoted(found: Found) -> bool:
    """JSON quotes its names; code that does not has texts for people behind them, with spaces."""
    if not plausible.is_quoted_secret(found):
        return False
    is_json = _QUOTED_NAME.search(found.cue) is not None
    return is_json or (b" " not in found.value.strip() and (found.value.lower() not in _LABELS))


def _is_bare(found: Found) -> bool:
    """In a query, a form, or a connection string everything; else what is no code."""
    if plausible.is_stand_in(found.value):
        return False
    is_query = found.cue.endswith(b"=") and (_in_query(found))
    return is_query or plausible.is_secret(found)


def _in_query(found: Found) -> bool:
    start = found.match_start
    name_start = max(start - 60, 0)
    before = found.text[name_start:start].rpartition(b"\0")[2]
    return _QUERY.search(before) is not None or found.after(1) == b"&"


_QUOTED_NAME = compiled(r"""\\{0,3}["']\]?\s{0,4}(?:=>|:=|[:=])""", is_whole=True)
_QUERY = compiled(r"[?&;][\w.\[\]%-]{0,50}$", is_whole=True)
_LABELS = frozenset((b"textfield", b"input", b"label"))
PASSWORDS = _both("password", _PASSWORDS)
SECRETS = _both("secret", _SECRETS)
SPOKEN = Shape(
    kind="password",
    pattern=r"""(?i:\b(?:password|passwd|pwd|passcode|passphrase)\s{1,3}(?:is|was)\s{0,2}:?\s{1,3})["']?([^\s"'<>\x00]{4,64})""",
    trigger=r"(?i:password|passwd|pwd|passcode|passphrase)",
    check=plausible.is_secret,
)
IN_URL = Shape(
    kind="password",
    pattern=r"""[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s/:@"'<>\x00]*:([^\s/"'<>\x00]+)@""",
    trigger=r"""://[^\s/:@"'<>]*:[^\s/"'<>]+@""",
    check=lambda found: not plausible.is_stand_in(found.value) or found.value.isalpha(),
)
PARAMETER = Shape(
    kind="secret",
    pattern=rf"""[?&](?i:{_PARAMETERS})=([^\s"'&;,<>#\x00]{{3,}})""",
    trigger=rf"[?&](?i:{_PARAMETERS})=",
    check=plausible.is_parameter,
)
AUTHORIZATION = (
    Shape(
        kind="secret",
        pattern=(
            r"""(?i:authorization)\\{0,3}["']?\]?\s{0,4}(?:=>|[:=])\s{0,4}\\{0,3}["']?"""
            r"""(?i:(?:bearer|basic|token|digest|apikey|api-key|negotiate|ntlm|hmac|aws4-hmac-sha256)\s{1,4})([^\s"'<>\\\x00]{4,})"""
        ),
        trigger=r"(?i:authorization)",
        check=plausible.is_quoted_secret,
    ),
    Shape(
        kind="secret",
        pattern=r"""(?i:authorization)\\{0,3}["']?\]?\s{0,4}(?:=>|[:=])\s{0,4}\\{0,3}["']?([^\s"'<>\\\x00]{12,})""",
        trigger=r"(?i:authorization)",
        check=plausible.is_random,
    ),
    Shape(
        kind="secret",
        pattern=r"(?i:\b(?:bearer|basic)\s{1,4})([A-Za-z0-9._~+/-]{8,}={0,2})",
        trigger=r"(?i:\b(?:bearer|basic)\s)",
        check=plausible.is_random,
    ),
)
_PAIR = r"""[\w!#$%&*+.^|~-]+=[^\s;,"'<>\\\x00]*"""
COOKIE = (
    Shape(
        kind="cookie",
        pattern=rf"""(?i:\bcookie)\\{{0,3}}["']?\]?\s{{0,4}}(?:=>|[:=])\s{{0,4}}\\{{0,3}}["']?({_PAIR}(?:;\s?{_PAIR})*)""",
        trigger=r"(?i:cookie)",
        check=lambda found: b"set-" != found.text[max(0, found.match_start - 4) : found.match_start].lower(),
    ),
    Shape(
        kind="cookie",
        pattern=rf"""(?i:\bset-cookie)\\{{0,3}}["']?\]?\s{{0,4}}(?:=>|[:=])\s{{0,4}}\\{{0,3}}["']?({_PAIR})""",
        trigger=r"(?i:cookie)",
    ),
    Shape(
        kind="cookie",
        pattern=rf"""(?i:\b(?:{_COOKIES}))\\{{0,3}}["']?(?:=|\s{{0,3}}:\s{{0,3}})\\{{0,3}}["']?([^\s;&,"'<>\\\x00]{{6,}})""",
        trigger=rf"(?i:\b(?:{_COOKIES}))",
        check=plausible.is_secret,
    ),
)
