"""Exceptions in threads of their own."""

import sys
import threading

import sentry_sdk

sentry_sdk.init()
threading.excepthook = lambda args: sys.stderr.write(f"{args.exc_value}\n")


def pack(parcel: int) -> None:
    raise RuntimeError(f"parcel {parcel} is too large")


for number in range(2):
    thread = threading.Thread(target=pack, args=[number], name=f"packer-{number}")
    thread.start()
    thread.join()
sentry_sdk.flush()
