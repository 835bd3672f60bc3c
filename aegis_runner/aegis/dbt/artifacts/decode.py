"""Bytes of an artifact to a typed struct, leniently, or an :class:`ArtifactError` that says what it is instead.

The fast way is one pass of msgspec. Where that refuses (a field of another type, ``NaN``, a lone surrogate),
the slow way keeps every part that can be used and lists the parts that cannot.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from json.decoder import JSONDecodeError
from typing import Any, Generic, TypeVar

import msgspec

from aegis.dbt.artifacts.schema import Shape
from aegis.errors import ArtifactError

ShapeT = TypeVar("ShapeT", bound=Shape)

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file must be. ``command`` is the dbt command that writes it, ``table`` the field that makes it it."""

    name: str
    kind: str
    table: str
    table_type: type
    newest: int
    command: str


@dataclass(frozen=True, slots=True)
class Decoded(Generic[ShapeT]):
    """The struct, and the places (dotted paths) whose values were of a type that could not be used."""

    value: ShapeT
    dropped: tuple[str, ...]


def decode(data: bytes, shape: type[ShapeT], expected: Expected, where: str) -> Decoded[ShapeT]:
    """Read one artifact.

    Raises:
        ArtifactError: It is not JSON, ends too early, or is not this artifact.
    """
    data = data.removeprefix(_BOM)
    try:
        return Decoded(msgspec.json.decode(data, type=shape), ())
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # The slow way finds out which of the many reasons it was.
        return _decode_slowly(data, shape, expected, where)


def _decode_slowly(data: bytes, shape: type[ShapeT], expected: Expected, where: str) -> Decoded[ShapeT]:
    document = _parse(data, expected, where)
    check_kind(document, expected, where)
    salvage = _Salvage()
    try:
        value = salvage.struct(_without_lone_surrogates(document), shape, "")
    except RecursionError:
        raise _nested(where) from None
    if value is None:
        raise ArtifactError(f"this is not a dbt {expected.kind}", where=where, hint=_write_again(expected))
    return Decoded(value, tuple(salvage.dropped))


def _parse(data: bytes, expected: Expected, where: str) -> Any:
    """``json.loads``, because it also takes ``NaN`` and lone surrogates, which Python writers produce."""
    if not data.strip():
        raise ArtifactError("the file is empty", where=where, hint=_write_again(expected))
    try:
        return json.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise ArtifactError("the file is not UTF-8 text", where=where, hint=_write_again(expected)) from None
    except JSONDecodeError as error:
        if _cut_off(error):
            message = f"the file ends in the middle (after {len(data):,} bytes): it was cut off while being written"
        else:
            message = f"the file is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise ArtifactError(message, where=where, hint=_write_again(expected)) from None
    except RecursionError:
        raise _nested(where) from None
    except ValueError as error:
        # Python refuses integers of more than 4,300 digits.
        raise ArtifactError(f"the file cannot be read: {error}", where=where, hint=_write_again(expected)) from None


def _cut_off(error: JSONDecodeError) -> bool:
    """Whether the text stops where more had to come, rather than being wrong somewhere."""
    unread = error.doc[error.pos :].strip()
    # A literal, number or escape that was cut is a few characters long.
    cut_word = len(unread) < 8 and not unread.endswith("}")
    return not unread or cut_word or error.msg.startswith("Unterminated string")


def _nested(where: str) -> ArtifactError:
    return ArtifactError("the file is nested too deeply to be a dbt artifact", where=where)


def _write_again(expected: Expected) -> str:
    return f"write it again with `{expected.command}`"


def check_kind(document: object, expected: Expected, where: str) -> None:
    """Raise :class:`ArtifactError` where a JSON document is something else than this artifact."""
    if not isinstance(document, dict):
        found = f"it holds a JSON {_json_name(document)}"
    else:
        metadata = document.get("metadata")
        schema = metadata.get("dbt_schema_version") if isinstance(metadata, dict) else None
        other = schema_kind(schema)[0] if isinstance(schema, str) else None
        if other is not None and other != expected.kind:
            found = f"its metadata says {other[:40]}"
        elif expected.table not in document:
            found = f"it has no `{expected.table}`"
        elif not isinstance(document[expected.table], expected.table_type):
            found = f"its `{expected.table}` is a JSON {_json_name(document[expected.table])}"
        else:
            return
    raise ArtifactError(f"this is not a dbt {expected.kind}: {found}", where=where, hint=_write_again(expected))


def _json_name(value: object) -> str:
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")


def schema_kind(schema: str) -> tuple[str | None, int | None]:
    """Kind and version in ``https://schemas.getdbt.com/dbt/manifest/v12.json``; ``None`` where it has none."""
    parts = schema.rstrip("/").split("/")
    version = parts[-1].removesuffix(".json").removeprefix("v")
    kind = parts[-2] if len(parts) >= 2 else ""
    return kind or None, int(version) if version.isdecimal() and len(version) < 9 else None


def _without_lone_surrogates(document: Any) -> Any:
    """The same document with every string printable. Iterative, since the document may be deep."""
    root = [document]
    pending: list[Any] = [root]
    while pending:
        holder = pending.pop()
        items: Any = list(holder.items()) if isinstance(holder, dict) else list(enumerate(holder))
        for key, value in items:
            if isinstance(value, str):
                holder[key] = _printable(value)
            elif isinstance(value, dict | list):
                pending.append(value)
            if isinstance(key, str) and not key.isascii():
                holder[_printable(key)] = holder.pop(key)
    return root[0]


def _printable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


class _Salvage:
    """Takes from a document what fits a struct, part by part. Recursion follows the types, not the data."""

    def __init__(self) -> None:
        self.dropped: list[str] = []

    def struct(self, value: object, shape: type[ShapeT], path: str) -> ShapeT | None:
        """The struct with every usable field; ``None`` (and its path noted) where a required one is missing."""
        try:
            return msgspec.convert(value, shape)
        except msgspec.ValidationError:
            pass
        if not isinstance(value, dict):
            self.dropped.append(path)
            return None
        found: dict[str, Any] = {}
        for name, key, kind, required in _fields(shape):
            if key not in value:
                usable = False
            else:
                usable, found_value = self._part(value[key], kind, f"{path}.{key}" if path else key)
                if usable:
                    found[name] = found_value
            if not usable and required:
                self.dropped.append(path)
                return None
        return shape(**found)

    def _part(self, value: object, kind: Any, path: str) -> tuple[bool, Any]:
        try:
            return True, msgspec.convert(value, kind)
        except msgspec.ValidationError:
            pass
        if value is None:
            return False, None
        for option in _options(kind):
            keep = _container(option, value)
            if keep is not None:
                return True, keep(self, value, option, path)
        try:
            # "6" and 6.0 for 6.
            return True, msgspec.convert(value, kind, strict=False)
        except msgspec.ValidationError:
            self.dropped.append(path)
            return False, None

    def keep_struct(self, value: object, kind: Any, path: str) -> Any:
        return self.struct(value, kind, path)

    def keep_mapping(self, value: Mapping[str, object], kind: Any, path: str) -> dict[str, Any]:
        inner = typing.get_args(kind)[1]
        parts = ((key, self._part(_named(key, item, inner), inner, f"{path}.{key}")) for key, item in value.items())
        return {key: part for key, (usable, part) in parts if usable and part is not None}

    def keep_list(self, value: list[object], kind: Any, path: str) -> list[Any]:
        inner = typing.get_args(kind)[0]
        parts = (self._part(item, inner, f"{path}[{index}]") for index, item in enumerate(value))
        return [part for usable, part in parts if usable and part is not None]


def _container(kind: Any, value: object) -> Callable[[_Salvage, Any, Any, str], Any] | None:
    """How to keep part of a value, where both it and the type have parts."""
    origin = typing.get_origin(kind)
    if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, Shape):
        return _Salvage.keep_struct
    if isinstance(value, dict) and origin is dict:
        return _Salvage.keep_mapping
    if isinstance(value, list) and origin is list:
        return _Salvage.keep_list
    return None


def _named(key: str, item: object, kind: Any) -> object:
    """Old manifests may leave out the id that is also the key."""
    wants_id = isinstance(kind, type) and issubclass(kind, Shape) and "unique_id" in kind.__struct_fields__
    return {"unique_id": key, **item} if wants_id and isinstance(item, dict) else item


def _options(kind: Any) -> tuple[Any, ...]:
    return typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)


@cache
def _fields(shape: type[Shape]) -> tuple[tuple[str, str, Any, bool], ...]:
    """Name, JSON key, type, and whether it is required."""
    return tuple((part.name, part.encode_name, part.type, part.required) for part in msgspec.structs.fields(shape))
