"""DynamoDB's items: an own store in DynamoDB's order, its expressions, reads, writes and transactions.

Items are kept as the bytes that go over the wire, so that a page costs a join. What a client can get wrong is refused
in AWS's words. PartiQL, streams and the parameters that came before expressions go through moto (`mirror`).
"""
