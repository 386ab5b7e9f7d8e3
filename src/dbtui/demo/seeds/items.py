"""Item generators: pure functions of an item's position."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dbtui.demo import ids
from dbtui.demo.dataplane.numbers import normalised
from dbtui.demo.dataplane.values import Item, Value

_DAY = datetime(2025, 6, 1, tzinfo=UTC)


def s(value: str) -> Value:
    return {"S": value}


def n(value: object) -> Value:
    return {"N": normalised(str(value))}


def b(value: bytes) -> Value:
    return {"B": base64.b64encode(value).decode()}


def _line(position: int, line: int) -> Value:
    sku = f"SKU-{ids.number(4000, 'sku', position, line):04d}"
    return {"M": {"sku": s(sku), "qty": n(1 + line), "price": n(f"{ids.number(9999, sku) / 100:.2f}")}}


def session(position: int, now: datetime) -> Item:
    """A day long each, a third of them over; every fortieth ends in milliseconds by mistake, and so never."""
    ends = int((now + timedelta(hours=16, minutes=-12 * position)).timestamp())
    return {
        "session_id": s(ids.hex_id(32, "session", position)),
        "user_id": s(f"u-{position:05d}"),
        "expires_at": n(ends * 1000 if position % 40 == 39 else ends),
        "agent": s("Mozilla/5.0 (X11; Linux x86_64)"),
    }


def ledger_entry(position: int) -> Item:
    return {
        "account_id": s(f"acc-{position // 20:04d}"),
        "entry": n(position % 20),
        "day": s(f"2025-11-{1 + position % 28:02d}"),
        "amount": n(f"{(position * 7919) % 100003}.{position % 100:02d}"),
        "memo": s("salary" if position % 20 == 0 else "card"),
    }


def audit(position: int) -> Item:
    at = _DAY + timedelta(hours=position)
    return {
        "pk": s(f"2025-{1 + position % 12:02d}"),
        "at": s(at.isoformat()),
        "actor": s(f"user-{position % 7}"),
        "action": s(("login", "export", "delete", "grant")[position % 4]),
        "detail": {"M": {"ip": s(f"10.0.{position % 256}.7"), "ok": {"BOOL": position % 9 != 0}}},
    }


def feature(position: int) -> Item:
    return {
        "name": s(f"feature-{position:02d}"),
        "enabled": {"BOOL": position % 3 == 0},
        "percent": n(position * 5 % 101),
        "owners": {"SS": ["shop", "web"] if position % 2 else ["data"]},
    }


def reading(position: int) -> Item:
    return {
        "device": s(f"sensor-{position % 12:02d}"),
        "at": n(1_750_000_000 + position // 12 * 60),
        "celsius": n(f"{18 + (position * 37 % 90) / 10:.1f}"),
        "battery": n(100 - position % 70),
    }


def blob(position: int) -> Item:
    content = ids.hex_id(64, "blob", position).encode()
    return {
        "digest": b(bytes.fromhex(ids.hex_id(40, "digest", position))),
        "size": n(len(content)),
        "content": b(content),
    }


def fragment(position: int) -> Item:
    """Binary partition and sort keys, with bytes that no text has."""
    file, part = divmod(position, 12)
    return {
        "file": b(bytes([255 - file, 0]) + bytes.fromhex(ids.hex_id(16, "file", file))),
        "part": b(bytes([part * 21 % 256, 0xFF, part])),
        "content": b(bytes.fromhex(ids.hex_id(64, "fragment", position)) * 8),
    }


_COUNTERS = ("0", "-1", "1", "10", "9", "2.5", "-2.5", "9007199254740993", "12345678901234567890123456789012345678")


def counter(position: int) -> Item:
    """Numbers as keys: negative, broken, and longer than a machine word."""
    return {
        "id": n(_COUNTERS[position] if position < len(_COUNTERS) else position * 1_000_003),
        "hits": n(position * 977 % 5003),
    }


_FOLDERS = ("photos/2024, summer", "in\nbox/naïve", "a b/c  d", "docs/ümlaut & co", "tmp/[x]")


def file(position: int) -> Item:
    """Keys with commas, slashes, spaces and line breaks."""
    copy = "\n(2)" if position % 7 == 3 else ""
    return {
        "folder": s(_FOLDERS[position % len(_FOLDERS)]),
        "name": s(f"IMG {position:03d}, final{copy}.jpg"),
        "bytes": n(position * 7919 % 900_001),
    }


def shipment(position: int) -> Item:
    return {
        "id": s(f"ship-{position:05d}"),
        "carrier": s(("dhl", "ups", "anpost")[position % 3]),
        "region": s(("eu", "us")[position % 2]),
        "state": s(("waiting", "moving", "done")[position // 3 % 3]),
        "eta": s((_DAY + timedelta(days=position % 90)).strftime("%Y-%m-%d")),
    }


def customer(position: int) -> Item:
    return {
        "customer_id": s(f"c-{position:06d}"),
        "name": s(("Aoife Ní Bhriain", "Jörg Groß", "Анна Петрова", "山田 太郎", "O'Neill [bold]x[/]")[position % 5]),
        "email": s(f"customer{position}@example.com"),
        "since": s((_DAY - timedelta(days=position * 11)).strftime("%Y-%m-%d")),
    }


def cart(position: int) -> Item:
    return {
        "cart_id": s(f"cart-{position:05d}"),
        "items": {"L": [_line(position, 0)]},
        "updated": n(1_750_000_000 + position),
    }


def stock(position: int) -> Item:
    """What runs low has the attribute that puts it into the sparse index `to-reorder`."""
    count = position * 13 % 400
    low = {"reorder_by": s((_DAY + timedelta(days=200 + count)).strftime("%Y-%m-%d"))} if count < 60 else {}
    return {
        "sku": s(f"SKU-{position // 2:04d}"),
        "warehouse": s("DUB" if position % 2 else "FRA"),
        "count": n(count),
        "bin": s(f"{position % 26 + 65:c}-{position % 40:02d}"),
        **low,
    }


def bucket(position: int) -> Item:
    return {"client": s(f"client-{position:03d}"), "tokens": n(position % 100), "window": n(60)}


def some(make: Callable[[int], Item], count: int) -> list[Item]:
    return [make(position) for position in range(count)]
