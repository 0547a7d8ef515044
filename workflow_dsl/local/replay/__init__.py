"""Recorded executions: read, replayed with a local definition, and compared with the recording."""
