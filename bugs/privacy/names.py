"""What the name of a field says of its value: values below these names are taken out whole, whatever they look like."""

import re
from collections.abc import Mapping
from functools import lru_cache

_KINDS = {
    "password": """
        password, passwd, pass phrase, passphrase, passcode, pwd, passwords, password hash, password digest,
        password salt, password confirmation, new password, passwort, kennwort, senha, contraseña, contrasena, mot
        de passe
    """,
    "secret": """
        secret, secrets, token, access tokens, refresh tokens, authorization, auth, credential, credentials, jwt,
        bearer, api key, apikey, api keys, app key, secret key, access key, access key id, auth key, private key,
        encryption key, signing key, master key, account key, shared key, service key, ssh key, license key, otp,
        totp, mfa code, security code, pin code, recovery code, backup codes, connection string, dsn secret, x amz
        signature, pin
    """,
    "cookie": """
        cookie, cookies, set cookie, session cookie, csrftoken, xsrf token, phpsessid, jsessionid, connect sid,
        laravel session, session key, session secret
    """,
    "card": """
        credit card, debit card, card number, card no, cardnumber, creditcard, cc number, ccnumber, cc num, cvv,
        cvc, cvv2, cvc2, pan
    """,
    "ssn": """
        ssn, social security number, social security, social security no
    """,
    "iban": """
        iban, account number, bank account, routing number, sort code, bic, swift code
    """,
    "email": """
        email, e mail, email address, emails, mail address, email addresses, mailto
    """,
    "phone": """
        phone, phone number, phone no, phones, telephone, tel, mobile number, mobile phone, cell phone, cellphone,
        msisdn, fax, fax number, contact number, whatsapp
    """,
    "name": """
        first name, last name, middle name, full name, given name, family name, display name, real name, maiden
        name, surname, firstname, lastname, fullname, displayname, realname, username, user name, customer name,
        contact name, author name, patient name, employee name, card holder, cardholder, cardholder name, card
        holder name, account holder, recipient name, billing name, shipping name, nickname, login name, owner name,
        reporter name, person name
    """,
    "ip": """
        ip, ip address, ipaddress, ip addr, ips, client ip, remote ip, remote addr, remote address, x forwarded for,
        x real ip, cf connecting ip, true client ip, forwarded for
    """,
    "mac": """
        mac address, mac addr, hardware address, bluetooth address
    """,
    "address": """
        street, street address, address line, postal address, home address, billing address, shipping address,
        delivery address, mailing address, residential address, customer address, user address, postal code,
        postcode, zip code, zipcode
    """,
    "birth-date": """
        date of birth, birth date, birthdate, birthday, dob
    """,
    "id-number": """
        passport, passport number, passport no, driver license, drivers license, driving licence, license number,
        national id, national insurance number, tax id, tax number, identity number, personal number
    """,
}
# By the last words of a name: `db_password`, `userPassword` and `DB-PASSWORD2` all end in `password`.
NAMES: Mapping[str, str] = {name.strip(): kind for kind, names in _KINDS.items() for name in names.split(",")}
WORDS_MAX = max(len(name.split()) for name in NAMES)
LENGTH_MAX = 100  # a longer key is a text, no name
_NOT = frozenset({"public key token", "token type", "csrf token name"})  # of assemblies, of grants
_PEOPLE = frozenset(
    {
        "user",
        "customer",
        "contact",
        "author",
        "owner",
        "person",
        "patient",
        "employee",
        "reporter",
        "recipient",
        "cardholder",
    }
)
_BELOW_PEOPLE = {"name": "user name", "first": "first name", "last": "last name", "address": "user address"}
# The whole of a name: by its last word it would be something else.
_EXACT = {"sessionid": "cookie"}  # Django's cookie; a `sessionId` is no secret of a user
_WORDS = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![^\W\d_A-Z])|[0-9]+")


@lru_cache(maxsize=16_384)
def kind(name: str, names: tuple[tuple[str, str], ...] | None = None) -> str:
    """What is below the name; nothing when it says nothing. names: another table."""
    if len(name) > LENGTH_MAX:
        return ""
    table = NAMES if names is None else dict(names)
    words = [word.lower() for word in _WORDS.findall(name)]
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    if name in _EXACT or " ".join(words[-WORDS_MAX:]) in _NOT:
        return _EXACT.get(name, "")
    for count in range(min(WORDS_MAX, len(words)), 0, -1):
        if found := table.get(" ".join(words[-count:])):
            return found
    return ""


def kind_below(parent: str, name: str, names: tuple[tuple[str, str], ...] | None = None) -> str:
    """The same of a name in an object that has one itself: `name` below `user` is a user's name."""
    found = kind(name, names)
    if found or parent.lower() not in _PEOPLE:
        return found
    return kind(_BELOW_PEOPLE.get(name, ""), names)
