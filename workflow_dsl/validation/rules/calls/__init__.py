"""Rules about the calls of services: expressions of tables, messages, and where something is."""
