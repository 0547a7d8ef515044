"""The shapes of JSONata expressions, and of states whose query language is JSONata."""
