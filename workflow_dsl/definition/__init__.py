"""Definitions as data: reading files, machines and states, placeholders, service calls, and differences."""
