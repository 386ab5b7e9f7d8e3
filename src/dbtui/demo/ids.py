"""Identifiers that look like AWS's and are the same in every run with the same seed."""

from __future__ import annotations

import base64
import hashlib
import uuid


def _digest(*parts: object) -> bytes:
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).digest()


def resource_id(prefix: str, *parts: object) -> str:
    """`db-` or `cluster-` followed by 26 capitals and digits, as DbiResourceId and DbClusterResourceId."""
    return f"{prefix}-{base64.b32encode(_digest(prefix, *parts)).decode()[:26]}"


def hex_id(length: int, *parts: object) -> str:
    return _digest(*parts).hex()[:length]


def letters(length: int, *parts: object) -> str:
    """Lower-case letters and digits, as in the account part of an endpoint's name."""
    return base64.b32encode(_digest("letters", *parts)).decode().lower()[:length]


def uuid_id(*parts: object) -> str:
    return str(uuid.UUID(bytes=_digest("uuid", *parts)[:16], version=4))


def number(limit: int, *parts: object) -> int:
    """A whole number below `limit` that depends on nothing but `parts`."""
    return int.from_bytes(_digest("number", *parts)[:8], "big") % limit
