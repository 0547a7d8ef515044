"""The search of an execution path: symbols instead of values, the conditions on them, the walk from state to state."""
