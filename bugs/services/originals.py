"""What redaction took out, sealed: see `bugs.privacy.originals`."""

from bugs.privacy.originals import opened, sealed

__all__ = ["opened", "sealed"]
