"""Where things lie in AWS when they lie on this computer: one account, one region."""

ACCOUNT, REGION, PARTITION = "111111111111", "us-east-1", "aws"
