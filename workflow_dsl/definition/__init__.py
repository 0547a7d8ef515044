"""A definition as data: machines and states, JSON, placeholders, service calls, and how files are read."""
