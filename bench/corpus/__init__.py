"""Errors as sentry-sdk sends them, each its own: real stacks and source text, about 200 problems, gzipped envelopes."""

from bench.corpus.making import PROBLEMS, Corpus, make

__all__ = ["PROBLEMS", "Corpus", "make"]
