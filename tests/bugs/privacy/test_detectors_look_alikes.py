"""What looks like personal data or a secret and is none stays: reports are read for it."""

import pytest

from bugs.privacy import redaction

STAYS = [
    # identifiers and numbers
    "550e8400-e29b-41d4-a716-446655440000",
    "d41d8cd98f00b204e9800998ecf8427e",
    "commit 1b2c3d4e5f60718293a4b5c6d7e8f90123456789",
    "SHA1: 2f:ad:e1:09:22:af:5c:8a:00:11:22:33:44:55:66:77:88:99:aa:bb",
    "order #3677824996",
    "1234567890123456",
    "ISBN 978-3-16-148410-0",
    "3.14159265358979",
    "#ff00ff 0x7f3e00aa",
    "app.js:123:45",
    # times
    "ts=1542734603907",
    "2014-03-18 12:34:14.148",
    "2024-01-02T03:04:05.678Z",
    "GMT+1000 2014-01-02 12:00",
    # versions
    "version 10.0.124.4193",
    "Titanium SDK 1.1.9.8 built 20181591654987",
    "updated to 1.8.0.1",
    "OID 1.3.132.0.34, 1.2.840.113.549",
    "Chrome/49.0.2623.112 Safari/537.36",
    "lodash@4.17.9 sentry@7.0.0",
    "mobile 3.2.1 20140203",
    "span:+145.76430723, +450.00000000",
    # addresses of no one
    "listening on 127.0.0.1:8080 and [::1]:80",
    "0.0.0.0 255.255.255.0 00:00:00:00:00:00",
    "git@github.com:acme/repo.git",
    "icon@2x.png missing, data@app@com.test.Sample-2.apk",
    "https://example.com:8080/path@x",
    # code
    "std::vector<int> A::B::C",
    "var token = event.token; password = getPassword()",
    "password: required",
    "password=None token is null",
    "passwordMask:true",
    "api_key = YOUR_API_KEY, consumerSecret: 'CONSUMER_SECRET'",
    "password=${DB_PASSWORD} token={{token}} secret=<secret>",
    "Unexpected token: punc (,)",
    "Authorization: required, bearer token missing, basic authentication failed",
    '"publicKeyToken": "b03f5f7f11d50a3a"',
    '"sessionId":"ce89b50e-58da-4985-9b3b-df278a92e8b1"',
    "@Override a @ b",
    # accounts that many machines have, and pages
    "/Users/Shared/x /home/runner/work/x /home/ubuntu/x",
    r"C:\Users\Public\x",
    "GET /home/index.html /users/123/edit",
    # checks that fail
    "4143 9613 9179 0047",
    "IBAN GB82WEST12345698765433",
    "SSN 000-12-3456 and 666-12-3456",
    "phone: 4.4.2, call stack 1234567",
]


@pytest.mark.parametrize("text", STAYS)
def test_it_stays(text: str) -> None:
    assert redaction.text(text) == text
