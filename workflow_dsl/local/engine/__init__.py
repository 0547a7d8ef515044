"""The engine: runs states, branches and retries by a virtual clock, and records the event history as AWS does."""
