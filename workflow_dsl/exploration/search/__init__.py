"""The search of one way: symbols instead of values, the conditions on them, and the walk from state to state."""
