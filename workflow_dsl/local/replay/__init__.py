"""Recorded executions: read, replayed through a definition, and compared with the recording."""
