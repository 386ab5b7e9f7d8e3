"""Typed JSON: how dbtui writes and reads items. Strict JSON in which nothing of an item is lost.

A string, number, boolean, null, list and map are JSON's own, a number with the digits DynamoDB gave. The other types
are maps with one name that starts with ``$``: ``{"$b": base64}``, ``{"$ss": […]}``, ``{"$ns": […]}``, ``{"$bs": […]}``,
``{"$n": "+1"}`` for a number JSON cannot write, and ``{"$keep": …}`` for a huge value left out. A real map whose only
name starts with ``$`` is written with one ``$`` more. `encode` is canonical: names sorted, sets in order.
"""

from __future__ import annotations

from dbtui.domain.json_text import TextError
from dbtui.domain.parsed import Parsed
from dbtui.domain.typed_json_reader import decode, decode_value, parse
from dbtui.domain.typed_json_writer import encode, encode_value

__all__ = ["Parsed", "TextError", "decode", "decode_value", "encode", "encode_value", "parse"]
