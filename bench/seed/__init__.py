"""Believable data through COPY, the same for the same seed: projects, bugs, comments, errors and what counts them."""

from bench.seed.cast import PROJECTS
from bench.seed.filling import NotEmpty, dsn, fill

__all__ = ["PROJECTS", "NotEmpty", "dsn", "fill"]
