"""DynamoDB: the control plane from records of our own, items from moto."""
