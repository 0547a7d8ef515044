"""Step Functions on this computer: its API over HTTP, an account behind it, and the engine that runs the executions."""
