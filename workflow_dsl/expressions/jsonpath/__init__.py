"""JSONPath as the service evaluates it: parsing, reading, and setting the value at a reference path."""

from workflow_dsl.expressions.jsonpath.path import MOST_PATHS, Path, Step, parse_path, with_value

__all__ = ["MOST_PATHS", "Path", "Step", "parse_path", "with_value"]
