"""The DynamoDB data plane."""
