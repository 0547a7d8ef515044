"""The languages inside ASL strings: JSONPath, reference paths, intrinsic functions and JSONata."""
