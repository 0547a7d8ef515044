"""The sources of shapes: annotations of handlers, schemas, APIs, and the events that start a state machine."""
