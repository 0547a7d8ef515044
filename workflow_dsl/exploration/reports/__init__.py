"""The report of an exploration: its ways and their price, and what no way reaches."""
