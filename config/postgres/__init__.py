"""PostgreSQL as Django's backend knows it, with a health check that costs no round trip."""
