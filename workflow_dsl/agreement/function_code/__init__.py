"""Checks that read the code of functions: the parameters of handlers, and calls of Step Functions."""
