"""Output for people and programs: tables, the overview page, diagrams, and findings in each format."""
