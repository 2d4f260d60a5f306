"""The logging integration: errors become events, what was logged before them breadcrumbs; structured logs beside."""

import logging

import sentry_sdk

sentry_sdk.init(enable_logs=True)
logging.basicConfig(level=logging.INFO, handlers=[logging.NullHandler()])
log = logging.getLogger("shop.orders")
log.info("order %s came in", 7)
log.error("order %s from %s failed", 7, "Bern")
try:
    {}["address"]
except KeyError:
    log.exception("order %s has no address", 8)
sentry_sdk.flush()
