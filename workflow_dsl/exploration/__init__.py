"""Every way through a workflow: inputs, task results and faults that reach its states, and the tests made of them."""
