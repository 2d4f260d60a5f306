"""A fatal message with all that a scope carries."""

import sentry_sdk

sentry_sdk.init()
with sentry_sdk.new_scope() as scope:
    scope.set_tag("component", "checkout")
    scope.set_tag("shop.country", "CH")
    scope.set_user({"id": "7", "username": "ann", "email": "ann@example.com"})
    scope.set_context("basket", {"items": 3, "total": 99.5})
    scope.set_extra("coupon", "SPRING")
    scope.set_level("fatal")
    scope.fingerprint = ["{{ default }}", "basket-empty"]
    scope.add_breadcrumb(category="auth", message="signed in", level="info")
    scope.add_breadcrumb(category="ui.click", message="button#pay", type="user")
    print(scope.capture_message("the basket is empty"))
sentry_sdk.flush()
