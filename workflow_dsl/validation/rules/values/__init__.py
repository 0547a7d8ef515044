"""Rules about the values that pass the states, by their shapes."""
