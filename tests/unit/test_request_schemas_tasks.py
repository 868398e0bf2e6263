"""Bounds, defaults and choices of the tasks dialect's requests, as a table written by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel

from hinode.api.cursor_pages import CursorQuery
from hinode.api.parsing import parse
from hinode.api.tasks.schemas import ListTasks, parse_create, parse_list
from hinode.api.usage import UsageQuery, parse_period
from hinode.core.errors import HinodeError
from tests.support.tasks import task_body

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ({"prompt": "光" * 5_000}, {"prompt": "光" * 5_001}, "'prompt' has 5001 characters"),
        ({"prompt": "a"}, {"prompt": ""}, "'prompt' is required."),
        ({"duration": "4"}, {"duration": ""}, "'duration' is required."),
        ({"aspect_ratio": "16:9"}, {"aspect_ratio": "4:3"}, "'16:9' or '9:16', not '4:3'"),
        ({"aspect_ratio": "9:16"}, {"aspect_ratio": None}, "'aspect_ratio' is required."),
        ({"image_urls": ["a"]}, {"image_urls": ["a", "b"]}, "'image_urls' takes one image"),
        ({"image_urls": None}, {"image_urls": ["a"] * 3}, "the first frame, not 3."),
    ],
)
def test_a_create_keeps_its_bounds(good: Any, bad: Any, message: str) -> None:
    parse_create(task_body(**good))

    with pytest.raises(HinodeError) as caught:
        parse_create(task_body(**bad))

    assert message in str(caught.value)
    assert caught.value.param == next(iter(bad))


def test_a_create_has_its_defaults() -> None:
    parsed = parse_create({**task_body(), "more": 1})

    assert (parsed.input.image_urls, parsed.image_url, parsed.callback_url) == ([], None, None)
    assert parsed.model_extra == {"more": 1}
    assert parse_create({**task_body(), "callback_url": ""}).callback_url is None
    assert parsed.priority is parse_create({**task_body(), "priority": ""}).priority is None


def test_a_create_has_one_of_three_priorities() -> None:
    for priority in ("low", "normal", "high"):
        assert parse_create({**task_body(), "priority": priority}).priority == priority
    with pytest.raises(HinodeError, match="'low', 'normal' or 'high', not 'urgent'") as caught:
        parse_create({**task_body(), "priority": "urgent"})
    assert caught.value.param == "priority"


@pytest.mark.parametrize("schema", [CursorQuery, ListTasks])
@pytest.mark.parametrize(("good", "bad"), [("1", "0"), ("100", "101"), ("", "-1")])
def test_a_page_has_1_to_100_items(schema: type[BaseModel], good: str, bad: str) -> None:
    parse(schema, {"limit": good})

    with pytest.raises(HinodeError, match=f"'limit' must be 1 to 100, not {bad}"):
        parse(schema, {"limit": bad})


@pytest.mark.parametrize("schema", [CursorQuery, ListTasks])
def test_a_page_has_20_items_from_the_beginning_by_default(schema: type[BaseModel]) -> None:
    for query in ({}, {"limit": "", "cursor": ""}):
        page = parse(schema, query)
        assert (page.limit, page.cursor) == (20, None)  # type: ignore[attr-defined]


def test_tasks_are_listed_by_a_status_and_a_model_or_all() -> None:
    for status in ("pending", "processing", "completed", "failed"):
        assert parse_list({"status": status}).status == status
    assert (parse_list({}).status, parse_list({}).model) == (None, None)
    assert parse_list({"status": ""}).status is None
    with pytest.raises(HinodeError, match="or 'failed', not 'done'"):
        parse_list({"status": "done"})


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ("2000-01-01", "1999-12-31", "'to' must be between the years 2000 and 8999."),
        ("8999-12-31", "9000-01-01", "'to' must be between the years 2000 and 8999."),
        ("2026-02-28", "2026-02-30", "'to' must be a day such as 2026-11-21, not '2026-02-30'."),
    ],
)
def test_a_day_of_a_period_keeps_its_bounds(good: str, bad: str, message: str) -> None:
    assert parse_period({"to": good}, TODAY).last == date.fromisoformat(good)

    with pytest.raises(HinodeError) as caught:
        parse_period({"to": bad}, TODAY)

    assert (str(caught.value), caught.value.param) == (message, "to")


def test_a_period_lies_in_the_calendar_that_is_kept() -> None:
    for day in ("2000-01-01", "8999-12-31"):
        period = parse_period({"from": day, "to": day}, TODAY)
        assert (str(period.first), str(period.last)) == (day, day)
    for wrong in ("1999-12-31", "9000-01-01"):
        with pytest.raises(HinodeError):
            parse(UsageQuery, {"from": wrong})


def test_a_period_has_at_most_366_days_and_30_by_default() -> None:
    default = parse_period({}, TODAY)
    assert (default.first, default.last) == (date(2026, 10, 23), TODAY)
    assert parse(UsageQuery, {"from": "", "to": ""}) == parse(UsageQuery, {})
    parse_period({"from": "2025-11-21"}, TODAY)
    with pytest.raises(HinodeError, match="at most 366 days"):
        parse_period({"from": "2025-11-20"}, TODAY)
