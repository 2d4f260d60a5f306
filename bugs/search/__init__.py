"""Ranked search: what was typed, the words that are known, ranking a bounded set, showing why it was found."""
