"""Stand-ins for the services that tasks call: AWS through moto or boto3, mocks and callbacks."""
