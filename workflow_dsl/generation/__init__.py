"""Generated files: compiled, checked, drawn, compared with the committed ones, and written."""
