"""Shapes: which values enter and leave each state, as far as definitions, handlers and APIs say it."""
