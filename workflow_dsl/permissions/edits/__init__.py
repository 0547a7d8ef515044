"""A policy written into a template, its comments and layout kept."""
