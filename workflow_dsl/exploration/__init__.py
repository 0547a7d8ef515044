"""Every execution path of a state machine: inputs, task results and faults that reach its states, and tests of them."""
