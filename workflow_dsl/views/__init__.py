"""What people and programs are shown: tables, the page of state machines, findings as text or SARIF, diagrams."""
