"""The engine: states, branches and retries on a virtual clock, with the event history that AWS would record."""
