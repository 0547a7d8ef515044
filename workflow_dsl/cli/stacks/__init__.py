"""The commands about deployed stacks and executions, and what they share."""
