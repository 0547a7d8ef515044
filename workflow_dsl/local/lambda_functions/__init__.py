"""Lambda functions in a local run: loaded from their folders, and called as the runtimes of Lambda call them."""
