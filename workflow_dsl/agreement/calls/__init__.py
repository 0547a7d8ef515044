"""Calls of states against the tables, queues, topics and task definitions of the template."""
