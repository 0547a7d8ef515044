"""New projects, and workflows added to existing ones: first a plan as data, then its files, all or none."""
