"""One state at a time, as the TestState API tests it: its status, its next state, and the data after each step."""
