"""Widgets that take models, post messages and know nothing of AWS."""
