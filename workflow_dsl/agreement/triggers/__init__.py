"""The triggers of state machines and functions: rules, schedules, pipes, APIs, SAM events, queues and streams."""
