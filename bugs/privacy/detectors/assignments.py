"""Secrets by the names before them: in code, configuration, JSON, queries, forms, headers, command lines and XML."""

from bugs.privacy.detectors import plausible
from bugs.privacy.detectors.shapes import WORD, Found, Shape, compiled

_PASSWORDS = r"pass(?:word|wd|phrase|code)|pwd"
_SECRETS = (
    r"secret(?:[_ -]?(?:access)?[_ -]?key)?|token|credentials?|mfa[_ -]?code"
    r"|(?:api|access|auth|private|encryption|signing|account|shared)[_ -]?key"
)
_COOKIES = (
    r"sessionid|(?i:(?:php|j|asp)sess(?:ion)?id|asp\.net_sessionid|connect\.sid|laravel_session|csrf-?token|xsrf-token"
    r"|csrfmiddlewaretoken|remember_(?:me|token|user_token)|_gh_sess|__(?:host|secure)-[\w.-]{1,40}|auth_?cookie)"
)
_PARAMETERS = (
    r"access_token|auth|authorization|sig|signature|x-amz-(?:signature|credential|security-token)|x-goog-signature|sid"
)
# What may stand between a name and its value: the end of its quotes, a sign, quotes that begin. `\"` is JSON in JSON.
_QUOTE = r"""\\{0,3}["']"""
_IS = rf"""(?:{_QUOTE})?\]?\s{{0,4}}(?:=>|:=|[:=])\s{{0,4}}"""
_SUFFIX = r"(?:[_-]?(?:confirmation|confirm|again|hash|value|\d))?"
_IN_QUOTES = (
    r""""((?:[^"\\\x00\r\n]|\\[^\x00\r\n])+)"|'((?:[^'\\\x00\r\n]|\\[^\x00\r\n])+)'"""
    r"""|\\{1,3}["']([^"'\\\x00\r\n]+)\\{1,3}["']"""
)
_QUOTED_NAME = compiled(rf"{_QUOTE}\]?\s{{0,4}}(?:=>|:=|[:=])", is_whole=True)
_QUERY = compiled(r"[?&;][\w.\[\]%-]*$", is_whole=True)
_NAME_MAX = 60  # letters of a name before the part of it that says what it is


def _named(kind: str, names: str) -> tuple[Shape, ...]:
    """Behind a name, with quotes and without, behind an option of a command, and in an element of XML."""
    trigger = rf"(?i:{names})"
    line = rf"(?:^|[\r\n])[ \t>*-]*(?:export |set |ENV )?[\w.-]*(?i:{names}){_SUFFIX}(?:=|[ \t]?:[ \t]{{1,2}})"
    return (
        Shape(  # a line of settings, or of what someone was asked for: all behind the sign
            kind=kind,
            pattern=rf"{line}([^\s\x00]{{4,}})[ \t]*(?:[\r\n]|$)",
            trigger=trigger,
            check=plausible.is_setting,
        ),
        Shape(
            kind=kind,
            pattern=rf"(?i:{names}){_SUFFIX}{_IS}(?:[uUbBrR@$]?(?:{_IN_QUOTES}))",
            trigger=trigger,
            check=_is_quoted,
        ),
        Shape(
            kind=kind,
            pattern=rf"""(?i:{names}){_SUFFIX}{_IS}([^\s"'&;,<>(){{}}\[\]|\\\x00]{{3,}})""",
            trigger=trigger,
            check=_is_bare,
        ),
        Shape(
            kind=kind,
            pattern=rf"""(?:--|\s-D)[\w.-]*(?i:{names})(?:=|\s{{1,3}})["']?([^\s"'<>|\x00-][^\s"'<>|\x00]{{2,}})""",
            trigger=trigger,
            check=plausible.is_secret,
        ),
        Shape(
            kind=kind,
            pattern=rf"<(?:[\w-]+:)?[\w.-]*(?i:{names})(?:\s[^<>\x00\r\n]*)?>([^<>\s\x00]{{3,}})</",
            trigger=trigger,
            check=plausible.is_quoted_secret,
        ),
    )


def _is_quoted(found: Found) -> bool:
    """JSON quotes its names; code that does not has texts for people behind them, with spaces."""
    if not plausible.is_quoted_secret(found) or (found.cue.lower().startswith(b"token") and _is_public(found)):
        return False
    return _QUOTED_NAME.search(found.cue) is not None or b" " not in found.value.strip()


def _is_public(found: Found) -> bool:
    """The publicKeyToken of an assembly."""
    return found.text[max(found.match_start - 9, 0) : found.match_start].lower() == b"publickey"


def _is_bare(found: Found) -> bool:
    """In a query, a form, a connection string or a file of settings everything; else what is no code."""
    if plausible.is_stand_in(found.value) or _is_public(found):
        return False
    is_plain = found.cue.endswith(b"=") and (_in_query(found) or _is_setting(found))
    return is_plain or plausible.is_secret(found)


def _is_setting(found: Found) -> bool:
    """`password=x` on a line of its own, which is not how code looks."""
    line = _before_name(found).rpartition(b"\n")[2].strip()
    return found.after(1) in (b"", b"\r", b"\n") and found.value.isalpha() and len(found.value) >= 8 and _is_word(line)


def _is_word(text: bytes) -> bool:
    return all(byte in WORD for byte in text)


def _in_query(found: Found) -> bool:
    return found.after(1) == b"&" or _QUERY.search(_before_name(found)) is not None


def _before_name(found: Found) -> bytes:
    start = found.match_start
    return found.text[max(start - _NAME_MAX, 0) : start].rpartition(b"\0")[2]


def _is_sent(found: Found) -> bool:
    """In `Cookie:`, not in `Set-Cookie:`, which has more in it than cookies."""
    return found.text[max(0, found.match_start - 4) : found.match_start].lower() != b"set-"


NAMED = (
    *_named("password", _PASSWORDS),
    Shape(
        kind="password",
        pattern=(
            r"(?i:\b(?:password|passwd|pwd|passcode|passphrase)\s{1,3}(?:is|was)\s{0,2}:?\s{1,3})"
            r"""["']?([^\s"'<>\x00]{4,64})"""
        ),
        trigger=r"(?i:password|passwd|pwd|passcode|passphrase)",
        check=plausible.is_secret,
    ),
    *_named("secret", _SECRETS),
    Shape(
        kind="secret",
        pattern=r"""(?i:\b(?:token|secret|key)\s{1,3}(?:is|was)\s{0,2}:?\s{1,3})["']?([^\s"'<>,;\x00]{8,})""",
        trigger=r"(?i:\b(?:token|secret|key)\s{1,3}(?:is|was)\s)",
        check=plausible.is_random,
    ),
    Shape(
        kind="password",
        pattern=(
            r"""(?:\bcurl\b[^\x00\r\n]*?\s(?:-u|--user|--proxy-user)[\s=]{0,3}["']?[\w.@+-]{1,64}:([^\s"'<>\x00]{3,})"""
            r"""|\b(?:mysql|mysqldump|mariadb|mysqladmin)\b[^\x00\r\n]*?\s-p([^\s"'<>\x00-][^\s"'<>\x00]{3,}))"""
        ),
        trigger=r"\bcurl\b|\b(?:mysql|mariadb)",
    ),
)
IN_URL = Shape(
    kind="password",
    pattern=r"""[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s/:"'<>\x00]*:([^\s/"'<>\x00]+)@""",
    trigger=r"""://[^\s/:"'<>]*:[^\s/"'<>]+@""",
    check=lambda found: found.value.isalpha() or not plausible.is_stand_in(found.value),
)
PARAMETER = Shape(
    kind="secret",
    pattern=rf"""[?&](?i:{_PARAMETERS})=([^\s"'&;,<>#\x00]{{3,}})""",
    trigger=rf"[?&](?i:{_PARAMETERS})=",
    check=plausible.is_parameter,
)
_AUTHORIZATION = rf"(?i:authorization){_IS}(?:{_QUOTE})?"
_SCHEME = r"(?i:(?:bearer|basic|token|digest|apikey|api-key|negotiate|ntlm|hmac|aws4-hmac-sha256)\s{1,4})"
AUTHORIZATION = (
    Shape(
        kind="secret",
        pattern=rf"""{_AUTHORIZATION}{_SCHEME}([^\s"'<>\\\x00]{{4,}})""",
        trigger=r"(?i:authorization)",
        check=plausible.is_quoted_secret,
    ),
    Shape(
        kind="secret",
        pattern=rf"""{_AUTHORIZATION}([^\s"'<>\\\x00]{{12,}})""",
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
        pattern=rf"""(?i:\bcookie){_IS}(?:{_QUOTE})?({_PAIR}(?:;\s?{_PAIR})*)""",
        trigger=r"(?i:cookie)",
        check=_is_sent,
    ),
    Shape(
        kind="cookie",
        pattern=rf"(?i:\bset-cookie){_IS}(?:{_QUOTE})?({_PAIR})",
        trigger=r"(?i:cookie)",
    ),
    Shape(
        kind="cookie",
        pattern=rf"""\b(?:{_COOKIES}){_IS}(?:{_QUOTE})?([^\s;&,"'<>\\\x00]{{6,}})""",
        trigger=rf"\b(?:{_COOKIES})",
        check=plausible.is_secret,
    ),
)
