"""The policies of roles: what IAM refuses in them, and what they let nobody do."""
