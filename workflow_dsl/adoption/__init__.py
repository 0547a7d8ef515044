"""A project begun, or the tool added to one: first a plan as data, then its files, all or none."""
