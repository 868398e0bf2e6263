"""Schemas parse requests: forms, JSON and the spellings of clients; errors name field and rule."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from hinode.api.parsing import (
    Boolean,
    ClosedRequestSchema,
    Nullable,
    NullableInteger,
    NumberText,
    Remedy,
    RequestSchema,
    Required,
    parse,
)
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.api.values import Upload
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.spool import Spooled


class Item(RequestSchema):
    kind: Literal["upload", "file"] = "upload"
    id: Annotated[Required[str], Remedy("An id.")]


class Thing(RequestSchema):
    prompt: Annotated[Required[Annotated[str, Field(max_length=5)]], Remedy("Say it.")]
    n: NullableInteger[Annotated[int, Field(ge=1, le=4)]] = 1
    hd: Boolean = None
    seconds: NumberText = None
    model: Nullable[str] = None
    items: Annotated[list[Item], Field(max_length=1)] = Field(default_factory=list)
    file: str | Upload | None = None


class Closed(ClosedRequestSchema):
    name: Nullable[str] = None


@pytest.mark.parametrize(
    ("given", "field", "value"),
    [
        ({"n": "4"}, "n", 4),
        ({"n": " +3 "}, "n", 3),
        ({"n": 3.0}, "n", 3),
        ({"n": "3.00"}, "n", 3),
        ({"n": None}, "n", None),
        ({"n": ""}, "n", None),
        ({}, "n", 1),
        ({"hd": "TRUE"}, "hd", True),
        ({"hd": "0"}, "hd", False),
        ({"seconds": 4}, "seconds", "4"),
        ({"seconds": "4s"}, "seconds", "4s"),
        ({"model": ""}, "model", None),
        ({"file": Upload(Spooled.of(b"x"))}, "file", Upload(Spooled.of(b"x"))),
    ],
)
def test_what_means_the_same_is_parsed_the_same(
    given: dict[str, Any], field: str, value: object
) -> None:
    assert getattr(parse(Thing, {"prompt": "a", **given}), field) == value


def test_fields_that_a_schema_does_not_name_are_kept() -> None:
    assert parse(Thing, {"prompt": "a", "more": 1}).model_extra == {"more": 1}


@pytest.mark.parametrize(
    ("given", "code", "param", "message"),
    [
        ({"prompt": ""}, ErrorCode.MISSING_VALUE, "prompt", "Missing .* 'prompt'. Say it."),
        ({"prompt": "abcdef"}, ErrorCode.INVALID_VALUE, "prompt", "6 characters; at most 5"),
        ({"n": 5}, ErrorCode.INVALID_VALUE, "n", "'n' must be 1 to 4, not 5"),
        ({"n": "0"}, ErrorCode.INVALID_VALUE, "n", "'n' must be 1 to 4, not 0"),
        ({"n": "x"}, ErrorCode.INVALID_VALUE, "n", "whole number, not 'x'"),
        ({"n": "2.5"}, ErrorCode.INVALID_VALUE, "n", "whole number, not '2.5'"),
        ({"n": 1e30}, ErrorCode.INVALID_VALUE, "n", "such a large number"),
        ({"n": 10**19}, ErrorCode.INVALID_VALUE, "n", "such a large number"),
        ({"hd": "maybe"}, ErrorCode.INVALID_VALUE, "hd", "true or false, not 'maybe'"),
        ({"items": [{}]}, ErrorCode.MISSING_VALUE, "items[0].id", "An id."),
        ({"items": [{"id": "a"}] * 2}, ErrorCode.INVALID_VALUE, "items", "at most 1"),
        (
            {"items": [{"id": "a", "kind": "x"}]},
            ErrorCode.UNSUPPORTED_VALUE,
            "items[0].kind",
            "'upload' or 'file'",
        ),
    ],
)
def test_a_wrong_value_is_refused_by_field_and_rule(
    given: dict[str, Any], code: ErrorCode, param: str, message: str
) -> None:
    with pytest.raises(HinodeError, match=message) as caught:
        parse(Thing, {"prompt": "a", **given})
    assert (caught.value.code, caught.value.param) == (code, param)


@pytest.mark.parametrize(
    ("given", "param", "message"),
    [
        ({"prompt": 5}, "prompt", "expected a string, but got an integer"),
        ({"n": True}, "n", "expected an integer, but got a boolean"),
        ({"n": 2.5}, "n", "expected an integer, but got a decimal number"),
        ({"hd": 1}, "hd", "expected a boolean, but got an integer"),
        ({"items": "x"}, "items", "expected an array, but got a string"),
        ({"items": [5]}, "items[0]", "expected an object, but got an integer"),
    ],
)
def test_a_wrong_type_is_refused_in_openais_words(
    given: dict[str, Any], param: str, message: str
) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        parse(Thing, {"prompt": "a", **given})
    assert (caught.value.code, caught.value.param) == (RequestErrorCode.WRONG_TYPE, param)


def test_a_closed_schema_refuses_other_fields_by_name() -> None:
    with pytest.raises(HinodeError, match="'nmae' is not a known field"):
        parse(Closed, {"nmae": "x"})


def test_a_dialect_may_say_an_error_in_its_own_words() -> None:
    def required(error: object) -> HinodeError:
        return HinodeError(ErrorCode.MISSING_VALUE, "own words")

    with pytest.raises(HinodeError, match="own words"):
        parse(Thing, {}, {"missing": required})
