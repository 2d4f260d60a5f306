"""Values that nobody may find again, and where machines send them."""

from typing import Any

EMAIL, NAME, USER, IP = "zora.quint@mailbox.example", "Zora Quint", "zquint-77", "203.0.113.77"
CARD, PHONE, PASSWORD, IBAN = "4012888888881881", "+49 171 5550188", "wobbegong-Kelp9", "DE89370400440532013000"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3Nzc3Nzc3NyJ9.c2lnbmF0dXJlLXBsYW50ZWQtaGVyZQ"
KEY = "AKIAIOSFODNN7PLA4TED"
HOME = "/home/zquint/shop/cart.py"
VALUES = (
    EMAIL,
    NAME,
    USER,
    IP,
    CARD,
    PHONE,
    PASSWORD,
    IBAN,
    TOKEN,
    KEY,
    "zquint",
    "zora",
    "quint",
    "wobbegong",
    "mailbox",
)
LOOK_ALIKES = ("1.8.0.1", "4012888888881882", "core::option::unwrap", "order 20260501-7731", "v10.4.2", "@decorator")
OF_OTHERS = (  # what nobody's record knows the name of
    f"<{EMAIL}> at {IP}, card {CARD}, phone {PHONE}, password={PASSWORD}, IBAN {IBAN}, key {KEY}, {TOKEN}"
)
SAID = f"{NAME} {OF_OTHERS}, {USER}"


def event(**more: Any) -> dict[str, Any]:
    """An SDK's event with planted values in every field that has text."""
    frame = {
        "function": f"pay_{EMAIL}", "module": f"shop.{EMAIL}", "filename": HOME, "abs_path": HOME, "in_app": True,
        "lineno": 7, "context_line": f"login('{EMAIL}', password='{PASSWORD}')", "pre_context": [f"# ask {EMAIL}"],
        "post_context": [f"# or {PHONE}"],
        "vars": {"password": f"'{PASSWORD}'", "who": f"'{NAME}'", EMAIL: [SAID]},
    }  # fmt: skip
    raised = {"type": "PaymentError", "value": SAID, "stacktrace": {"frames": [frame]}}
    url = f"https://{USER}:{PASSWORD}@shop.example/pay?email={EMAIL}&token={KEY}"
    crumbs = [
        {"category": "ui.click", "message": f"clicked {EMAIL}", "data": {"target": f"button of {NAME}"}},
        {"type": "http", "category": "httplib", "level": "error", "data": {
            "url": url, "http.query": f"token={KEY}&email={EMAIL}", "status_code": 403, "method": "GET",
            "reason": SAID}},
        {"category": "auth.failed", "level": "error", "message": SAID},
        {"category": "navigation", "data": {"from": f"/users/{EMAIL}", "to": f"/users/{USER}"}},
    ]  # fmt: skip
    return {
        "level": "error", "message": SAID, "logger": f"shop.{EMAIL}", "server_name": f"{USER}.local", "platform": EMAIL,
        "transaction": f"/users/{EMAIL}/", "environment": f"of-{EMAIL}", "release": f"shop-{EMAIL}", "dist": EMAIL,
        "exception": {"values": [{**raised, "type": "Cause"}, raised]},
        "breadcrumbs": {"values": crumbs},
        "user": {"id": "4711", "email": EMAIL, "username": USER, "name": NAME, "ip_address": IP},
        "request": {
            "url": url, "method": "POST", "query_string": [["email", EMAIL], ["token", KEY]], "data": {"note": SAID},
            "cookies": {"session": KEY},
            "headers": {"Cookie": f"session={KEY}", "Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": IP,
                        "X-Real-Ip": IP, "X-Api-Key": KEY, "Referer": url, "From": EMAIL},
        },
        "tags": {"customer": NAME, EMAIL: "x", "session_id": EMAIL, "component": EMAIL, "phone": PHONE},
        "contexts": {"device": {"name": f"Phone of {NAME}", "version": EMAIL},
                     "runtime": {"name": EMAIL, "version": EMAIL},
                     "custom": {"deep": {"iban": IBAN, "list": [SAID]}, EMAIL: 1}},
        "extra": {"body": SAID, "json": f'{{"password": "{PASSWORD}", "email": "{EMAIL}"}}',
                  "credentials": [USER, PASSWORD]},
        "modules": {EMAIL: "1.0", "urllib3": EMAIL},
        "fingerprint": ["{{ default }}", EMAIL],
        "sdk": {"name": EMAIL, "version": EMAIL},
        **more,
    }  # fmt: skip


def report() -> dict[str, Any]:
    """The same as a native report."""
    stack = f"PaymentError: {SAID}\n    at pay (/home/zquint/shop/cart.js:3:7)"
    return {
        "level": "error", "message": SAID, "error": {"name": "PaymentError", "message": SAID, "stack": stack,
                                                     "cause": {"name": "Cause", "message": SAID}},
        "sessionId": EMAIL, "componentName": EMAIL,
        "user": {"id": "4711", "email": EMAIL, "username": USER, "name": NAME},
        "url": f"https://shop.example/pay?email={EMAIL}", "userAgent": f"Safari of {EMAIL}", "tags": {"customer": NAME},
        "fingerprint": [EMAIL], "environment": EMAIL, "release": EMAIL, "transaction": f"/users/{EMAIL}",
        "breadcrumbs": [{"category": "ui.click", "message": SAID}],
        "userActions": [{"type": "click", "element": f"a of {NAME}", "url": f"/users/{EMAIL}"}],
        "apiFailures": [{"endpoint": f"/users/{EMAIL}", "method": "POST", "statusCode": 503, "errorMessage": SAID}],
        "authErrors": [{"errorType": EMAIL, "message": SAID}],
        "systemMetrics": {EMAIL: 12.5},
        "context": {"custom": SAID}, "metadata": {"password": PASSWORD, "note": SAID}, "dependencies": {EMAIL: "1"},
        f"field of {EMAIL}": 1,
    }  # fmt: skip
