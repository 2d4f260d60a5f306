"""What detectors find: one line a kind and way of writing."""

import pytest

from bugs.privacy import redaction

FOUND = {
    # contact
    "mail jane@example.com now": "mail [redacted:email] now",
    "<jane.doe+bugs@mail.example.org>": "<[redacted:email]>",
    "jürgen@exämple.de": "[redacted:email]",
    "/reset?email=jane%40example.com&lang=en": "/reset?email=[redacted:email]&lang=en",
    r"jane\u0040example.com": "[redacted:email]",
    "jane [at] example [dot] com": "[redacted:email]",
    "ja\u200bne@exam\u00adple.com": "[redacted:email]",
    "ｊａｎｅ＠example．com": "[redacted:email]",
    "id=amFuZS5kb2VAZXhhbXBsZS5jb20= end": "id=[redacted:email] end",
    "Call me on +44 20 7946 2546.": "Call me on [redacted:phone].",
    '"phone_number": "08344978690"': '"phone_number": "[redacted:phone]"',
    "(415) 555-6035 or 650-555-4646": "[redacted:phone] or [redacted:phone]",
    "ring 01.84.17.61.18": "ring [redacted:phone]",
    "They're not answering at 374 780 163": "They're not answering at [redacted:phone]",
    "Phone:\n467 3395": "Phone:\n[redacted:phone]",
    "(37) 788-063-Office": "[redacted:phone]-Office",
    # payment
    "4143 9613 9179 0048 was charged": "[redacted:card] was charged",
    "card 180044442222113": "card [redacted:card]",
    "IBAN DE89 3704 0044 0532 0130 00 OK": "IBAN [redacted:iban] OK",
    "iban: gb82west12345698765432": "iban: [redacted:iban]",
    "SSN 242-18-8759 is invalid": "SSN [redacted:ssn] is invalid",
    "social security number 242188759": "social security number [redacted:ssn]",
    # network
    "client 121.183.200.45 - -": "client [redacted:ip] - -",
    "http://10.0.1.40:8080/x": "http://[redacted:ip]:8080/x",
    "remote_addr=2001:db8:85a3::8a2e:370:7334": "remote_addr=[redacted:ip]",
    "to f463:b337:d20b:5d59:db61:488:c89d:a11b:443": "to [redacted:ip]:443",
    "mac 1e:d6:05:e3:0f:47 offline": "mac [redacted:mac] offline",
    # secrets by the names before them
    "password=2WfuyksAo4U5": "password=[redacted:password]",
    '{"username":"demo","password":"p w!"}': '{"username":"demo","password":"[redacted:password]"}',
    r'{"body":"{\"token\":\"ab12cd\"}"}': r'{"body":"{\"token\":\"[redacted:secret]\"}"}',
    "\nDB_PASSWORD=wF3R(sc$9&(@I\n": "\nDB_PASSWORD=[redacted:password]\n",
    "a=password&password=letmein&b=c": "a=password&password=[redacted:password]&b=c",
    "?access_token=abcd&page=2": "?access_token=[redacted:secret]&page=2",
    "Server=x;Password=letmein;": "Server=x;Password=[redacted:password];",
    "client_secret: 3hdCMrv9endFYSsrT7okJfKBjdc5idOT": "client_secret: [redacted:secret]",
    "X-Api-Key: 8f14e45fceea167a5a36": "X-Api-Key: [redacted:secret]",
    "app --password hunter2 --verbose": "app --password [redacted:password] --verbose",
    "curl -u bob:hunter2 https://h": "curl -u bob:[redacted:password] https://h",
    "<password>hunter22</password>": "<password>[redacted:password]</password>",
    "my password is Tr0ub4dor": "my password is [redacted:password]",
    "postgres://app:uOt57hq6@db.internal/app": "postgres://app:[redacted:password]@db.internal/app",
    "Authorization: Basic dXNlcjpwYXNz": "Authorization: Basic [redacted:secret]",
    "-H 'Authorization: Bearer ab12cd34ef56gh78'": "-H 'Authorization: Bearer [redacted:secret]'",
    "Cookie: sessionid=Eya8; csrftoken=rMwM": "Cookie: [redacted:cookie]",
    "Set-Cookie: sid=abc123; Path=/; HttpOnly": "Set-Cookie: [redacted:cookie]; Path=/; HttpOnly",
    "GET / sessionid=38afes7a8bcd 200": "GET / sessionid=[redacted:cookie] 200",
    # people
    'File "/Users/sallyj/dev/app.py"': 'File "/Users/[redacted:user]/dev/app.py"',
    "at f (/home/sallyj/proj/index.js:12:5)": "at f (/home/[redacted:user]/proj/index.js:12:5)",
    r"C:\Users\Sally Jones\AppData\x": r"C:\Users\[redacted:user]\AppData\x",
    r"C:\\Users\\sallyj\\x": r"C:\\Users\\[redacted:user]\\x",
    "file:///C:/Users/sallyj/x": "file:///C:/Users/[redacted:user]/x",
    "HOME=/home/sallyj": "HOME=/home/[redacted:user]",
    "Regards,\nNathan Stanton\n": "Regards,\n[redacted:name]\n",
    '"displayName": "Sarah Jones",': '"displayName": "[redacted:name]",',
    "Reported by our customer Curtis Wright.": "Reported by our customer [redacted:name].",
    "Jane Doe <jane@example.com>": "[redacted:name] <[redacted:email]>",
    "Jane's iPhone": "[redacted:name]'s iPhone",
    "to 12 Main Street, Springfield, IL 62701": "to [redacted:address]",
}


@pytest.mark.parametrize("text", FOUND)
def test_it_is_taken_out(text: str) -> None:
    assert redaction.text(text) == FOUND[text]


def test_a_text_may_have_many() -> None:
    text = "jane@example.com from 121.183.200.45 in /Users/sallyj/x: password=2WfuyksAo4U5"
    assert redaction.text(text) == (
        "[redacted:email] from [redacted:ip] in /Users/[redacted:user]/x: password=[redacted:password]"
    )


def test_places_are_in_letters_of_the_text_as_it_was_written() -> None:
    text = "ü ＠ ja\u200bne＠example.com"
    assert [(text[start:end], kind) for start, end, kind in redaction.places(text)] == [
        ("ja\u200bne＠example.com", "email")
    ]


def test_what_is_beside_a_placeholder_stays() -> None:
    assert redaction.text("a [redacted:email] b") == "a [redacted:email] b"
