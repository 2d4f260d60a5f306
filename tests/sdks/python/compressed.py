"""A compression of the transport, named by the first argument."""

import sys

import sentry_sdk

sentry_sdk.init(_experiments={"transport_compression_algo": sys.argv[1]})
sentry_sdk.add_breadcrumb(message="x" * 3_000)
print(sentry_sdk.capture_message("compressed"))
sentry_sdk.flush()
