"""Which reports are the same problem. Pure."""

from bugs.ingest.grouping.identity import VERSION, Grouping, fingerprint_of, group

__all__ = ["VERSION", "Grouping", "fingerprint_of", "group"]
