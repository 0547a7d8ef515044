"""The pytest file of a workflow: its tests, their names, and its text."""
