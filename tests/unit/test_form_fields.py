"""Bracket spellings of form keys, and reading typed values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import create_model

from hinode.api.form_fields import nest
from hinode.api.json_text import dump, load_object
from hinode.api.parsing import Boolean, NullableInteger, NumberText, RequestSchema, parse
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.api.values import Fields, Upload, Value, text
from hinode.core.errors import HinodeError
from hinode.kit.spool import Spooled


class Typed(RequestSchema):
    whole: NullableInteger[int] = None
    flag: Boolean = None
    number: NumberText = None


def integer(fields: Fields, name: str) -> int | None:
    found: int | None = _parsed("whole", fields, name)
    return found


def boolean(fields: Fields, name: str) -> bool | None:
    found: bool | None = _parsed("flag", fields, name)
    return found


def number_text(fields: Fields, name: str) -> str | None:
    found: str | None = _parsed("number", fields, name)
    return found


def _parsed(kind: str, fields: Fields, name: str) -> Any:
    """Parse by a schema whose one field has this name."""
    one: Any = {name: (Typed.model_fields[kind].rebuild_annotation(), None)}
    return getattr(parse(create_model("One", __base__=RequestSchema, **one), fields), name)


@pytest.mark.parametrize(
    ("pairs", "nested"),
    [
        ([("a", "1"), ("b", "2")], {"a": "1", "b": "2"}),
        ([("a", "1"), ("a", "2")], {"a": ["1", "2"]}),
        ([("a[]", "1")], {"a": ["1"]}),
        ([("a[]", "1"), ("a[]", "2")], {"a": ["1", "2"]}),
        ([("a[b]", "1"), ("a[c]", "2")], {"a": {"b": "1", "c": "2"}}),
        ([("a[1]", "second"), ("a[0]", "first")], {"a": ["first", "second"]}),
        ([("a[10]", "x"), ("a[9]", "w")], {"a": ["w", "x"]}),
        ([("a[][id]", "1"), ("a[][id]", "2")], {"a": [{"id": "1"}, {"id": "2"}]}),
        (
            [("a[][x]", "1"), ("a[][y]", "2"), ("a[][x]", "3")],
            {"a": [{"x": "1", "y": "2"}, {"x": "3"}]},
        ),
        ([("a[0][id]", "1")], {"a": [{"id": "1"}]}),
        ([("a[b]]", "literal")], {"a[b]]": "literal"}),
        ([("", "nameless")], {"": "nameless"}),
    ],
)  # fmt: skip
def test_keys_are_nested(pairs: list[tuple[str, str]], nested: dict[str, Value]) -> None:
    assert nest(pairs) == nested


def test_files_keep_their_place() -> None:
    file = Upload(Spooled.of(b"png"))

    assert nest([("r[]", file), ("r[]", file)]) == {"r": [file, file]}


@pytest.mark.parametrize(
    "pairs",
    [
        [("a", "1"), ("a[b]", "2")],
        [("a[]", "1"), ("a[b]", "2")],
        [("a[b][c][d][e][f]", "deep")],
    ],
)
def test_contradictions_and_depth_are_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(RequestError) as caught:
        nest(pairs)

    assert caught.value.code is RequestErrorCode.BROKEN_BODY


@given(st.lists(st.tuples(st.text("ab[]01", max_size=8), st.text(max_size=3)), max_size=12))
def test_any_keys_are_nested_or_refused(pairs: list[tuple[str, str]]) -> None:
    try:
        nested = nest(pairs)
    except RequestError:
        return
    assert bool(nested) == bool(pairs)


def test_what_means_the_same_is_read_the_same() -> None:
    for four in ("4", 4):
        assert integer({"n": four}, "n") == 4
        assert number_text({"n": four}, "n") == "4"
    for true in (True, "true", "True", "1"):
        assert boolean({"w": true}, "w") is True
    assert boolean({"w": False}, "w") is False
    for nothing in ({}, {"x": None}, {"x": ""}):
        assert text(nothing, "x") is None
        assert integer(nothing, "x") is None
        assert boolean(nothing, "x") is None
        assert number_text(nothing, "x") is None


@pytest.mark.parametrize(
    ("read", "value", "kind"),
    [
        (text, 5, "an integer"),
        (text, 5.5, "a decimal number"),
        (text, True, "a boolean"),
        (text, [], "an array"),
        (text, {}, "an object"),
        (text, Upload(Spooled.of(b"")), "a file"),
        (number_text, True, "a boolean"),
        (integer, 2.5, "a decimal number"),
        (integer, True, "a boolean"),
        (boolean, 1, "an integer"),
    ],
)
def test_other_types_are_refused_by_name(read: object, value: Value, kind: str) -> None:
    assert callable(read)
    with pytest.raises(RequestError, match=f"'field': expected .*, but got {kind} instead"):
        read({"field": value}, "field")


@pytest.mark.parametrize("value", ["", "x"])
@pytest.mark.parametrize("read", [integer, boolean])
def test_texts_that_spell_no_value_are_refused(read: object, value: str) -> None:
    assert callable(read)
    with pytest.raises(HinodeError):
        read({"field": value + "perhaps"}, "field")


def test_integers_are_bounded() -> None:
    for huge in (10**30, -(10**30), "1" * 19):
        with pytest.raises(HinodeError):
            integer({"n": huge}, "n")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"5",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 50_000,
        b'{"a":' * 50_000,
        b"\xff\xfe",
        b'{"a": "\xff"}',
        b"{" + b",".join(b'"%d":1' % n for n in range(1001)) + b"}",
        b'{"a": [' + b"[]," * 100_000 + b"[]]}",
    ],
    ids=range(13),
)
def test_bad_json_is_refused(body: bytes) -> None:
    with pytest.raises(RequestError):
        load_object(body)


def test_json_is_written_compact_and_always_as_text() -> None:
    assert dump({"a": "日", "b": [1, None]}) == '{"a":"日","b":[1,null]}'.encode()
    assert dump("\ud800") == b'"?"'
