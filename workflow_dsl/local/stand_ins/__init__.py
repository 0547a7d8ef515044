"""Stand-ins for what tasks call: local Lambda handlers, AWS services through moto or boto3, mocks and callbacks."""
