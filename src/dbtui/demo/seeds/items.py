"""Item generators: pure functions of an item's position, so that a large table needs no storage."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dbtui.demo import ids
from dbtui.demo.dynamodb.store import Item

_DAY = datetime(2025, 6, 1, tzinfo=UTC)
_STATUSES = ("placed", "paid", "packed", "shipped", "delivered", "returned")
ORDERS = 20_480


def s(value: str) -> Item:
    return {"S": value}


def n(value: object) -> Item:
    return {"N": str(value)}


def b(value: bytes) -> Item:
    return {"B": base64.b64encode(value).decode()}


def order(position: int) -> Item:
    """Four orders a customer, two lines an order, spread over half a year."""
    customer, number = position // 4, position % 4
    placed = _DAY + timedelta(minutes=12 * position)
    total = ids.number(50_000, "order", position) / 100
    return {
        "pk": s(f"CUSTOMER#{customer:06d}"),
        "sk": s(f"ORDER#{placed:%Y%m%d}#{number:02d}"),
        "status": s(_STATUSES[ids.number(len(_STATUSES), "status", position)]),
        "customer_id": s(f"c-{customer:06d}"),
        "created_at": s(placed.strftime("%Y-%m-%dT%H:%M:%SZ")),
        "total": n(f"{total:.2f}"),
        "currency": s(("EUR", "USD", "GBP")[position % 3]),
        "expires_at": n(int((placed + timedelta(days=730)).timestamp())),
        "paid": {"BOOL": position % 5 != 0},
        "tags": {"SS": sorted({"web" if position % 2 else "app", f"w{position % 52:02d}"})},
        "lines": {"L": [_line(position, line) for line in range(1 + position % 3)]},
        "address": {
            "M": {"city": s(("Galway", "Köln", "Bragança", "Łódź")[position % 4]), "zip": s(f"{position % 100000:05d}")}
        },
    }


def _line(position: int, line: int) -> Item:
    sku = f"SKU-{ids.number(4000, 'sku', position, line):04d}"
    return {"M": {"sku": s(sku), "qty": n(1 + line), "price": n(f"{ids.number(9999, sku) / 100:.2f}")}}


def session(position: int) -> Item:
    return {
        "session_id": s(ids.hex_id(32, "session", position)),
        "user_id": s(f"u-{position:05d}"),
        "expires_at": n(int((_DAY + timedelta(days=200, minutes=position)).timestamp())),
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
    return {
        "sku": s(f"SKU-{position:04d}"),
        "warehouse": s("DUB" if position % 2 else "FRA"),
        "count": n(position * 13 % 400),
    }


def bucket(position: int) -> Item:
    return {"client": s(f"client-{position:03d}"), "tokens": n(position % 100), "window": n(60)}


def specimen(position: int) -> Item:
    """All ten types, with the values that programs get wrong."""
    numbers = ("0", "-0.1", "1E+125", "1E-130", "12345678901234567890123456789012345678", "3.14")
    return {
        "id": s(f"specimen-{position:03d}"),
        "string": s(("", "plain", "naïve – “quotes”", "line\nbreak\ttab", "\u202edlrow", "[bold]x[/]")[position % 6]),
        "number": n(numbers[position % len(numbers)]),
        "binary": b(bytes(range(position % 32))),
        "yes": {"BOOL": position % 2 == 0},
        "nothing": {"NULL": True},
        "strings": {"SS": ["a", "b", f"c{position}"]},
        "numbers": {"NS": ["1", "2.5", str(1000 + position)]},
        "binaries": {"BS": [base64.b64encode(bytes([position, 255])).decode()]},
        "list": {"L": [s("x"), n(position), {"NULL": True}, {"L": []}]},
        "map": {"M": {"deep": {"M": {"deeper": {"L": [{"M": {"deepest": {"BOOL": True}}}]}}}, "empty": {"M": {}}}},
    }


def some(make: Callable[[int], Item], count: int) -> list[Item]:
    return [make(position) for position in range(count)]


def weight(items: list[Item]) -> int:
    """About what AWS would bill for: the text of names and values."""
    return sum(len(json.dumps(item, separators=(",", ":"), ensure_ascii=False)) for item in items)
