"""The query protocol (RDS, STS, IAM): form parameters in, XML out, both driven by botocore's model."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from dbtui.demo.protocol.errors import AwsError, invalid_parameter

_BREAKS = {"\r": "&#13;"}


def read_parameters(form: Mapping[str, str], input_shape: Any) -> dict[str, Any]:
    """The form as nested Python values; what the model does not know is left out."""
    if input_shape is None:
        return {}
    tree: dict[str, Any] = {}
    for key, value in form.items():
        _plant(tree, key.split("."), value)
    parameters = _structure(tree, input_shape)
    for name in input_shape.required_members:
        if name not in parameters:
            raise AwsError("MissingParameter", f"The request must contain the parameter {name}.")
    return parameters


def _plant(tree: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        inner = tree.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        tree = inner
    tree.setdefault(path[-1], value)


def _structure(tree: Mapping[str, Any], shape: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        node = tree.get(member.serialization.get("name", name), tree.get(name))
        if node is not None:
            found[name] = _value(name, node, member)
    return found


def _value(name: str, node: Any, shape: Any) -> Any:
    if shape.type_name == "structure":
        return _structure(node, shape) if isinstance(node, dict) else {}
    if shape.type_name == "list":
        return [_value(name, item, shape.member) for item in _numbered(node)]
    if shape.type_name == "map":
        return {str(entry.get("key")): entry.get("value") for entry in _numbered(node)}
    return _scalar(name, str(node), shape.type_name)


def _numbered(node: Any) -> list[Any]:
    """Items of `Name.1`, `Name.member.1` or `Name.Element.1`, in the order of their numbers."""
    if not isinstance(node, dict):
        return []
    numbers = {key: value for key, value in node.items() if key.isdigit()}
    if not numbers:
        return [item for inner in node.values() for item in _numbered(inner)]
    return [numbers[key] for key in sorted(numbers, key=int)]


def _scalar(name: str, text: str, kind: str) -> Any:
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
        if kind == "timestamp":
            return datetime.fromisoformat(text)
    except ValueError:
        raise invalid_parameter(f"Invalid value {text!r} for parameter {name}.") from None
    if kind == "boolean":
        return text.lower() == "true"
    return text


def write_result(operation_model: Any, result: Mapping[str, Any], request_id: str) -> bytes:
    """A whole reply document; `result` uses the member names of the model's output shape."""
    name = operation_model.name
    out = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    out.append(f'<{name}Response xmlns="{operation_model.service_model.metadata.get("xmlNamespace", "")}">')
    shape = operation_model.output_shape
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper", f"{name}Result")
        out.append(f"<{wrapper}>")
        _write_members(out, result, shape)
        out.append(f"</{wrapper}>")
    out.append(f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{name}Response>")
    return "".join(out).encode()


def _write_members(out: list[str], value: Mapping[str, Any], shape: Any) -> None:
    for name, member in shape.members.items():
        inner = value.get(name)
        if inner is not None:
            _write(out, member.serialization.get("name", name), inner, member)


def _write(out: list[str], tag: str, value: Any, shape: Any) -> None:
    kind = shape.type_name
    if kind == "structure":
        out.append(f"<{tag}>")
        _write_members(out, value, shape)
        out.append(f"</{tag}>")
    elif kind == "list":
        _write_list(out, tag, value, shape)
    else:
        out.append(f"<{tag}>{_text(value)}</{tag}>")


def _write_list(out: list[str], tag: str, items: list[Any], shape: Any) -> None:
    element = shape.member.serialization.get("name", "member")
    if shape.serialization.get("flattened"):
        for item in items:
            _write(out, tag, item, shape.member)
        return
    out.append(f"<{tag}>")
    for item in items:
        _write(out, element, item, shape.member)
    out.append(f"</{tag}>")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return escape(str(value), _BREAKS)


def write_error(error: AwsError, request_id: str) -> bytes:
    """The error document; `Sender` means the caller is to blame."""
    blame = "Sender" if error.status < 500 else "Receiver"
    return (
        f"<ErrorResponse><Error><Type>{blame}</Type><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()
