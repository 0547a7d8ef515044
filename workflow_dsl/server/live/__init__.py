"""Executions that live in the server: started, woken by answers and clocks, stopped, and redriven."""
