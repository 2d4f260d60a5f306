"""What the name of a field says of its value: values below these names are taken out whole, whatever they look like."""

import re
from collections.abc import Mapping
from functools import lru_cache

# By the last words of a name: `db_password`, `userPassword` and `DB-PASSWORD` all end in `password`.
NAMES: Mapping[str, str] = {
    **dict.fromkeys(
        ("password", "passwd", "passphrase", "pwd", "passcode", "password confirmation", "password hash"), "password"
    ),
    **dict.fromkeys(("secret", "token", "authorization", "auth", "credentials", "jwt", "private key"), "secret"),
    **dict.fromkeys(("api key", "apikey", "secret key", "access key", "auth key", "encryption key"), "secret"),
    **dict.fromkeys(("cookie", "cookies", "set cookie", "csrftoken", "phpsessid", "jsessionid"), "cookie"),
    **dict.fromkeys(("credit card", "card number", "cc number", "cvv", "cvc", "pan"), "card"),
    **dict.fromkeys(("ssn", "social security number"), "ssn"),
    **dict.fromkeys(("iban", "account number", "routing number"), "iban"),
    **dict.fromkeys(("email", "e mail", "email address"), "email"),
    **dict.fromkeys(("phone", "phone number", "telephone", "mobile number", "fax"), "phone"),
    **dict.fromkeys(("first name", "last name", "full name", "surname", "display name", "user name"), "name"),
    **dict.fromkeys(
        ("username", "firstname", "lastname", "fullname", "real name", "given name", "family name"), "name"
    ),
    **dict.fromkeys(("ip address", "client ip", "remote addr", "x forwarded for", "x real ip"), "ip"),
}
WORDS_MAX = 3  # of a name that NAMES knows
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
LENGTH_MAX = 100  # a longer key is a text, no name


@lru_cache(maxsize=16_384)
def kind(name: str, names: tuple[tuple[str, str], ...] | None = None) -> str:
    """What is below the name; nothing when it says nothing."""
    table = NAMES if names is None else dict(names)
    if len(name) > LENGTH_MAX:
        return ""
    words = [word.lower() for word in _WORDS.findall(name)]
    for count in range(min(WORDS_MAX, len(words)), 0, -1):
        if found := table.get(" ".join(words[-count:])):
            return found
    return ""
