"""DynamoDB: the control plane from records of our own, items through `dataplane`, PartiQL and streams from moto."""
