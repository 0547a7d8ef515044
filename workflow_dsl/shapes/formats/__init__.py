"""Shapes as text: a short notation, and declarations in TypeScript, Python and JSON Schema."""
