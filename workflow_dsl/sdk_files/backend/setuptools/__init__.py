"""A stand-in for setuptools, for the one source distribution of the SDK: it copies, and executes nothing of it."""
