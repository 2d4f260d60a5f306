"""Signatures as the public library of Standard Webhooks checks them."""

from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from integrations import signing

BODY = '{"type":"bug.created","data":{"title":"Grüße"}}'.encode()


def _headers(*secrets: str) -> dict[str, str]:
    now = int(datetime.now(UTC).timestamp())
    return signing.headers(secrets, message_id="msg_1", timestamp=now, body=BODY)


def test_the_public_library_verifies() -> None:
    secret = signing.new_secret()
    assert Webhook(secret).verify(BODY, _headers(secret))["type"] == "bug.created"


def test_during_a_rotation_both_secrets_verify() -> None:
    old, new = signing.new_secret(), signing.new_secret()
    headers = _headers(new, old)
    assert Webhook(old).verify(BODY, headers) and Webhook(new).verify(BODY, headers)


@pytest.mark.parametrize("change", [{"webhook-id": "msg_2"}, {"webhook-timestamp": "1"}])
def test_what_is_signed_cannot_be_changed(change: dict[str, str]) -> None:
    secret = signing.new_secret()
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY, _headers(secret) | change)


def test_another_body_or_secret_does_not_verify() -> None:
    secret = signing.new_secret()
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + b" ", _headers(secret))
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.new_secret()).verify(BODY, _headers(secret))


def test_the_example_of_the_specification() -> None:
    signature = signing.sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError):
        signing.sign("whsec_!!", message_id="m", timestamp=1, body=b"")
