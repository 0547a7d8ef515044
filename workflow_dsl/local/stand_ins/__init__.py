"""What answers a task locally: Lambda handlers, moto or boto3, and mocks."""
