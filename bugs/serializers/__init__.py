"""Shapes in and shapes out, by subject; no queries."""
