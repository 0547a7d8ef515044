"""The model of a SAM application: template, state machines with their definitions, functions, handlers, settings."""
