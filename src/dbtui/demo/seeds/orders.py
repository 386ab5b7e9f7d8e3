"""The orders table: 20,480 items that are made when somebody reads them, a few microseconds each."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache

from dbtui.demo.dataplane.collection import Source, Stored
from dbtui.demo.dataplane.keys import HASH_BITS, OrderKey, token
from dbtui.demo.dataplane.numbers import number_size
from dbtui.demo.dataplane.values import Item, item_size, text_size

_DAY = datetime(2025, 6, 1, tzinfo=UTC)
_CUSTOMERS = 5_120
_EACH = 4
ORDERS = _CUSTOMERS * _EACH
_STRIDE = 1_973
"""Coprime to the number of customers: the order in which a scan meets them looks as random as a hash."""
_BACK = pow(_STRIDE, -1, _CUSTOMERS)
_PER_DAY = 120
_DAYS = [_DAY + timedelta(days=day) for day in range(ORDERS // _PER_DAY + 1)]
_STAMPS = [f"{day:%Y%m%d}" for day in _DAYS]
_DATES = [f"{day:%Y-%m-%d}" for day in _DAYS]
_FIRST_EXPIRY = int((_DAY + timedelta(days=730)).timestamp())
_STATUSES = ("placed", "paid", "packed", "shipped", "delivered", "returned")
_CURRENCIES = ("EUR", "USD", "GBP")
_CITIES = ("Galway", "Köln", "Bragança", "Łódź")
_CITY_SIZES = tuple(map(text_size, _CITIES))
_NOTES = (
    "Leave the parcel with the neighbours at number 14 if nobody opens; the bell on the left does not work.",
    "Bitte nicht knicken. Klingel „Groß“, dritter Stock, Hinterhaus; zwischen 8 und 12 Uhr ist jemand da.",
    "Prezent 🎁: proszę nie dołączać faktury, tylko kartkę z życzeniami od całej rodziny.",
    "נא להתקשר לפני המסירה — השער נעול בערב. Ring before you come, the gate is locked in the evening.",
)
_NOTE_SIZES = tuple(map(text_size, _NOTES))
_CARRIERS = ("dhl", "ups", "gls")
_TERMS = (
    "Return within 30 days in the original packaging. Refunds go to the card that paid. Batteries and opened "
    "software are excluded. See the terms of sale, section 7, for gifts and for orders from outside the Union."
)


def _dice(position: int) -> int:
    """48 bits that depend on nothing but the position; each use takes its own."""
    mixed = (position + 1) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    return (mixed ^ mixed >> 29) * 0xBF58476D1CE4E5B9 >> 16 & 0xFFFFFFFFFFFF


@lru_cache(maxsize=65_536)
def _money(cents: int) -> tuple[str, int]:
    """As DynamoDB writes it, and its size."""
    text = f"{cents // 100}.{cents % 100:02d}".rstrip("0").rstrip(".")
    return text, number_size(text)


@lru_cache(maxsize=16_384)
def _line(sku: int, quantity: int) -> tuple[str, int]:
    """One line of an order, and its size within a list."""
    price, size = _money(1 + sku * 37 % 9_998)
    text = f'{{"M":{{"sku":{{"S":"SKU-{sku:04d}"}},"qty":{{"N":"{quantity}"}},"price":{{"N":"{price}"}}}}}}'
    return text, 1 + 3 + 3 + len("skuqtyprice") + 8 + 2 + size


def _one_line(dice: int) -> tuple[str, int]:
    return _line(dice % 3_989, 1)


def _two_lines(dice: int) -> tuple[str, int]:
    (one, one_size), (two, two_size) = _line(dice % 3_989, 1), _line(dice % 3_967, 2)
    return f"{one},{two}", one_size + two_size


def _three_lines(dice: int) -> tuple[str, int]:
    (two, two_size), (three, three_size) = _two_lines(dice), _line(dice % 3_947, 3)
    return f"{two},{three}", two_size + three_size


_LINES = (_one_line, _two_lines, _three_lines)
_NAMES = len("pkskstatuscustomer_idcreated_attotalcurrencyexpires_atpaidtagslinesaddresscityzip")
_MORE_NAMES = len("notetermsdeliverycarriertracking")
_FIXED = _NAMES + _MORE_NAMES + 15 + 17 + 8 + 20 + 3 + 1 + 6 + 3 + (3 + 2) + 5 + len(_TERMS) + (3 + 2) + 3 + 14
"""The names, the texts whose length never changes, paid, tags, and what a list and two maps cost."""


def order(position: int) -> Stored:
    """Four orders a customer, one to three lines an order, spread over half a year."""
    customer, number = divmod(position, _EACH)
    day, slot = divmod(position, _PER_DAY)
    hour, minute = divmod(slot * 12, 60)
    dice = _dice(position)
    status = _STATUSES[dice % len(_STATUSES)]
    total, total_size = _money(dice % 49_999)
    lines, lines_size = _LINES[position % 3](dice)
    week, channel = f"w{position % 52:02d}", "web" if position % 2 else "app"
    text = (
        f'{{"pk":{{"S":"CUSTOMER#{customer:06d}"}},"sk":{{"S":"ORDER#{_STAMPS[day]}#{number:02d}"}},'
        f'"status":{{"S":"{status}"}},"customer_id":{{"S":"c-{customer:06d}"}},'
        f'"created_at":{{"S":"{_DATES[day]}T{hour:02d}:{minute:02d}:00Z"}},"total":{{"N":"{total}"}},'
        f'"currency":{{"S":"{_CURRENCIES[position % 3]}"}},"expires_at":{{"N":"{_FIRST_EXPIRY + position * 720}"}},'
        f'"paid":{{"BOOL":{"true" if position % 5 else "false"}}},"tags":{{"SS":["{channel}","{week}"]}},'
        f'"lines":{{"L":[{lines}]}},'
        f'"address":{{"M":{{"city":{{"S":"{_CITIES[position % 4]}"}},"zip":{{"S":"{position % 100000:05d}"}}}}}},'
        f'"delivery":{{"M":{{"carrier":{{"S":"{_CARRIERS[customer % 3]}"}},'
        f'"tracking":{{"S":"{dice % 10**14:014d}"}}}}}},'
        f'"note":{{"S":"{_NOTES[position % 4]}"}},"terms":{{"S":"{_TERMS}"}}}}'
    )
    expiry_size = number_size(str(_FIRST_EXPIRY + position * 720))
    texts_size = len(status) + _CITY_SIZES[position % 4] + _NOTE_SIZES[position % 4]
    return Stored(text.encode(), _FIXED + texts_size + total_size + expiry_size + lines_size)


def order_item(position: int) -> Item:
    item: Item = json.loads(order(position).wire)
    return item


class Orders:
    """All orders, in the order in which a scan meets them: customer by customer, each customer's by date."""

    count = ORDERS

    def __init__(self) -> None:
        self._made: list[Stored | None] = [None] * ORDERS

    def stored(self, position: int) -> Stored:
        found = self._made[position]
        if found is None:
            found = self._made[position] = order(natural(position))
        return found

    def order_key(self, position: int) -> OrderKey:
        customer, number = divmod(natural(position), _EACH)
        sort = b"ORDER#%b#%02d" % (_STAMPS[(customer * _EACH + number) // _PER_DAY].encode(), number)
        return _place(customer), b"SCUSTOMER#%06d" % customer, (sort,), ()

    def token(self, partition: bytes) -> int | None:
        customer = _customer(partition, b"SCUSTOMER#")
        return None if customer is None else _place(customer)

    def position(self, key: OrderKey) -> int | None:
        customer = _customer(key[1], b"SCUSTOMER#")
        digits = key[2][0][-2:]
        if customer is None or not digits.isdigit() or int(digits) >= _EACH:
            return None
        position = _back(customer * _EACH + int(digits))
        return position if self.order_key(position) == key else None

    def index(self, name: str) -> Source | None:
        indexes: dict[str, type[_Index]] = {"by-customer": ByCustomer, "by-status": ByStatus}
        return indexes[name](self) if name in indexes else None


def natural(position: int) -> int:
    """The number of the order that a scan meets at `position`."""
    place, number = divmod(position, _EACH)
    return place * _STRIDE % _CUSTOMERS * _EACH + number


def _back(number: int) -> int:
    customer, rest = divmod(number, _EACH)
    return customer * _BACK % _CUSTOMERS * _EACH + rest


def _place(customer: int) -> int:
    """The hash of a customer's partition."""
    return (customer * _BACK % _CUSTOMERS << HASH_BITS) // _CUSTOMERS


def _customer(partition: bytes, prefix: bytes) -> int | None:
    digits = partition[len(prefix) :]
    if not partition.startswith(prefix) or len(digits) != 6 or not digits.isdigit():
        return None
    customer = int(digits)
    return customer if customer < _CUSTOMERS else None


def _created(number: int) -> bytes:
    hour, minute = divmod(number % _PER_DAY * 12, 60)
    return f"{_DATES[number // _PER_DAY]}T{hour:02d}:{minute:02d}:00Z".encode()


class _Index:
    """An index over all orders: `_table_position` tells which order is where."""

    count = ORDERS

    def __init__(self, orders: Orders) -> None:
        self._orders = orders

    def _table_position(self, position: int) -> int:
        raise NotImplementedError

    def _partition(self, number: int) -> bytes:
        raise NotImplementedError

    def token(self, partition: bytes) -> int | None:
        raise NotImplementedError

    def _at(self, table_position: int) -> int | None:
        raise NotImplementedError

    def stored(self, position: int) -> Stored:
        return self._orders.stored(self._table_position(position))

    def order_key(self, position: int) -> OrderKey:
        place = self._table_position(position)
        number = natural(place)
        partition = self._partition(number)
        own = self.token(partition)
        return token(partition) if own is None else own, partition, (_created(number),), self._orders.order_key(place)

    def position(self, key: OrderKey) -> int | None:
        place = self._orders.position(key[3])
        position = None if place is None else self._at(place)
        return position if position is not None and self.order_key(position) == key else None

    def index(self, _: str) -> None:
        return None


class ByCustomer(_Index):
    """customer_id and created_at: the order of the table itself."""

    def _table_position(self, position: int) -> int:
        return position

    def _at(self, table_position: int) -> int | None:
        return table_position

    def _partition(self, number: int) -> bytes:
        return b"Sc-%06d" % (number // _EACH)

    def token(self, partition: bytes) -> int | None:
        customer = _customer(partition, b"Sc-")
        return None if customer is None else _place(customer)


class ByStatus(_Index):
    """status and created_at: six partitions, each by date."""

    def __init__(self, orders: Orders) -> None:
        super().__init__(orders)
        self._partitions = [b"S" + status.encode() for status in _STATUSES]
        numbers: list[list[int]] = [[] for _ in _STATUSES]
        for number in range(ORDERS):
            numbers[_dice(number) % len(_STATUSES)].append(number)
        by_hash = sorted(range(len(_STATUSES)), key=lambda status: token(self._partitions[status]))
        self._numbers = [number for status in by_hash for number in numbers[status]]
        self._positions = {number: position for position, number in enumerate(self._numbers)}

    def _table_position(self, position: int) -> int:
        return _back(self._numbers[position])

    def _at(self, table_position: int) -> int | None:
        return self._positions[natural(table_position)]

    def _partition(self, number: int) -> bytes:
        return self._partitions[_dice(number) % len(_STATUSES)]

    def token(self, _: bytes) -> int | None:
        return None


@cache
def total_size() -> int:
    """Bytes of all orders, from a sample."""
    sample = range(0, ORDERS, 97)
    return sum(order(position).size for position in sample) * ORDERS // len(sample)


@cache
def by_customer_size() -> int:
    """Bytes of all entries of the index by-customer, which has but some of the attributes."""
    kept = ("pk", "sk", "customer_id", "created_at", "total", "status")
    sample = [order_item(number) for number in range(0, ORDERS, 97)]
    sizes = [item_size({name: item[name] for name in kept}) for item in sample]
    return sum(sizes) * ORDERS // len(sizes)


ALL = Orders()
"""Shared by every table of orders."""
