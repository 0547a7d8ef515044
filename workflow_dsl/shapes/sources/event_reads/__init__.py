"""The fields of its event that a Python handler always reads, by its source."""
