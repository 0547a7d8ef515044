"""A tree of an expression compiled once to Python functions, one small module for each kind of node."""
