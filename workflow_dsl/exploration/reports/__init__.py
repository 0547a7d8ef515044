"""The report of an exploration: its execution paths and their price, and what no path reaches."""
