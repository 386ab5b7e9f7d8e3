"""The embedded AWS: a program of its own (`python -m dbtui.demo`) that answers the real client over loopback.

RDS, DynamoDB's control plane, STS and IAM aliases are answered from records of our own, whose states are functions of
a clock; DynamoDB's items from a store of our own (`dataplane`). PartiQL, streams and every other service go to moto,
which is imported in the background. No other room imports this one, and this one imports no other room.
"""
