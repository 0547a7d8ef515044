"""The studio: one page that shows the state machines of a project, their executions and their changes."""
