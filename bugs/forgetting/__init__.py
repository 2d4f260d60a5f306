"""Forgetting one person in everything that is kept: texts, reports, who reported, their account."""
