"""Bounds, defaults and choices of the admin API's requests, as a table written by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

import pytest
from pydantic import BaseModel

from hinode.api.admin.accounts import CreateAccount, CreateGrant, UpdateAccount
from hinode.api.admin.clock import ConfirmClock, DoubtName
from hinode.api.admin.common import PlanName, parse_admin
from hinode.api.admin.engines import (
    AdminEngineAccount,
    AdminStateName,
    CreateEngineAccount,
    ListEngineAccounts,
    UpdateEngine,
    UpdateEngineAccount,
)
from hinode.api.admin.keys import CreateKey, ListKeys, ScopeName, UpdateKey
from hinode.api.parsing import parse
from hinode.core.accounts.types import Plan
from hinode.core.auth.types import DEFAULT_SCOPES, Key, KeyLimits, Priority, Scope
from hinode.core.engines.types import AdminState
from hinode.core.errors import HinodeError
from hinode.core.timekeeping.types import Doubt
from hinode.core.upstreams.types import UpstreamAccountState

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LAST_SECOND = 221_845_391_999
REQUIRED: dict[type[BaseModel], dict[str, Any]] = {
    CreateAccount: {"name": "acme"},
    UpdateAccount: {},
    CreateGrant: {"credits": 1},
    CreateKey: {"account": "acme", "name": "ci"},
    UpdateKey: {},
    UpdateEngine: {"admin_state": "open"},
    CreateEngineAccount: {"engine": "far"},
    UpdateEngineAccount: {},
    ConfirmClock: {"time": 1},
}
KEYS = (CreateKey, UpdateKey)
ENGINE_ACCOUNTS = (CreateEngineAccount, UpdateEngineAccount)
RANGES: list[tuple[type[BaseModel], str, int, int]] = [
    (CreateAccount, "credits", 0, 1_000_000_000_000),
    (CreateGrant, "credits", 1, 1_000_000_000_000),
    *((one, name, -1, 1_000) for one in ENGINE_ACCOUNTS for name in (
        "video_concurrency", "image_concurrency",
    )),
    *((one, name, 0, 1_000_000_000) for one in KEYS for name in (
        "spend_hour", "spend_day", "spend_total",
    )),
    *((one, name, 1, 1_000_000_000) for one in KEYS for name in ("per_minute", "max_unfinished")),
    *((one, "expires_at", 0, LAST_SECOND) for one in KEYS),
    (ConfirmClock, "time", 0, LAST_SECOND),
]  # fmt: skip
WRONG: list[tuple[type[BaseModel], str, Any, Any, str]] = [
    *((one, "name", "n" * 80, "n" * 81, "81 characters; at most 80") for one in KEYS),
    *((one, "models", ["m"] * 100, ["m"] * 101, "at most 100") for one in KEYS),
    *((one, "networks", ["::1"] * 100, ["::1"] * 101, "at most 100") for one in KEYS),
    *((one, "scopes", ["chat"], [], "at least one entry") for one in KEYS),
    *((one, "label", "x" * 120, "x" * 121, "121 characters; at most 120")
      for one in ENGINE_ACCOUNTS),
    (UpdateKey, "scopes", ["chat"], None, "Missing required parameter: 'scopes'"),
    (UpdateKey, "name", "n", None, "Missing required parameter: 'name'"),
    *((one, "plan", "team", "gold", "one of free, plus, pro, team, not 'gold'")
      for one in (CreateAccount, UpdateAccount)),
    (UpdateEngine, "admin_state", "stopped", "up", "one of open, draining, stopped, not 'up'"),
]  # fmt: skip
MISSING = [
    (CreateAccount, "name", "1 to 80 letters"),
    (CreateGrant, "credits", "A whole number of credits."),
    (CreateKey, "account", "the account that the key belongs to"),
    (CreateKey, "name", "what the key is for"),
    (UpdateEngine, "admin_state", "One of open, draining, stopped."),
    (CreateEngineAccount, "engine", "an engine with accounts"),
]


def request(schema: type[BaseModel], **given: Any) -> Any:
    return parse_admin(schema, {**REQUIRED[schema], **given})


@pytest.mark.parametrize(("schema", "field", "low", "high"), RANGES)
def test_a_number_keeps_its_bounds(
    schema: type[BaseModel], field: str, low: int, high: int
) -> None:
    for good in (low, high, str(high)):
        assert getattr(request(schema, **{field: good}), field) == int(good)
    for bad in (low - 1, high + 1):
        with pytest.raises(HinodeError) as caught:
            request(schema, **{field: bad})
        assert f"'{field}' must be {low} to {high}, not {bad}." in str(caught.value)
        assert caught.value.param == field


@pytest.mark.parametrize(("schema", "field", "good", "bad", "rule"), WRONG)
def test_a_field_keeps_its_rule(
    schema: type[BaseModel], field: str, good: Any, bad: Any, rule: str
) -> None:
    assert getattr(request(schema, **{field: good}), field) == good

    with pytest.raises(HinodeError) as caught:
        request(schema, **{field: bad})

    assert rule in str(caught.value)
    assert caught.value.param == field


@pytest.mark.parametrize(("schema", "field", "remedy"), MISSING)
def test_a_required_field_is_asked_for(schema: type[BaseModel], field: str, remedy: str) -> None:
    for empty in ({}, {field: None}, {field: ""}):
        rest = {name: one for name, one in REQUIRED[schema].items() if name != field}
        with pytest.raises(HinodeError) as caught:
            parse_admin(schema, {**rest, **empty})
        assert caught.value.param == field
        assert remedy in str(caught.value)


@pytest.mark.parametrize("schema", REQUIRED)
def test_an_unknown_field_is_an_error_that_lists_the_known(schema: type[BaseModel]) -> None:
    known = ", ".join(sorted(schema.model_fields))
    with pytest.raises(HinodeError) as caught:
        request(schema, spend_dya=5)
    assert str(caught.value) == f"'spend_dya' is not a known field; known are {known}."


def test_an_account_is_free_and_without_credits_by_default() -> None:
    for given in ({}, dict.fromkeys(("plan", "credits", "unlimited"))):
        new = request(CreateAccount, **given).new_account()
        assert (new.plan, new.credits, new.unlimited) == (Plan.FREE, 0, False)
    with pytest.raises(HinodeError, match="not given with 'unlimited'"):
        request(CreateAccount, credits=1, unlimited=True).new_account()


def test_an_omitted_field_changes_nothing() -> None:
    account = request(UpdateAccount).change()
    assert (account.plan, account.unlimited, account.banned) == (None, None, None)
    assert request(UpdateAccount, plan="pro", banned="true").change().plan is Plan.PRO
    upstream = request(UpdateEngineAccount)
    assert (upstream.enabled, upstream.label) == (None, None)
    assert (upstream.video_concurrency, upstream.image_concurrency) == (None, None)


def test_a_key_has_no_limits_and_the_default_scopes_by_default() -> None:
    for given in ({}, dict.fromkeys(("scopes", "expires_at", "spend_day", "models"))):
        new = request(CreateKey, **given).new_key()
        assert (new.scopes, new.expires_at, new.limits) == (DEFAULT_SCOPES, None, KeyLimits())


def test_a_keys_update_changes_what_is_given_and_null_lifts_a_limit() -> None:
    limits = KeyLimits(spend_day=5, max_unfinished=2, models=("sora-2",))
    one = UUID(int=1)
    key = Key(one, one, "n", "d", "h", frozenset({Scope.CHAT}), NOW, NOW, None, None, limits)

    assert request(UpdateKey).apply(key, NOW) == key
    left_out = request(UpdateKey).model_dump()
    assert (left_out.pop("models"), left_out.pop("networks")) == ([], [])
    assert left_out.pop("max_priority") is Priority.NORMAL
    assert left_out.pop("local_only") is False
    assert set(left_out.values()) == {None}
    changed = request(UpdateKey, spend_day=None, models=[], name="m", expires_at=None)
    new = changed.apply(key, NOW)
    assert new.limits == KeyLimits(max_unfinished=2)
    assert (new.name, new.expires_at, new.scopes) == ("m", None, key.scopes)
    high = request(UpdateKey, max_priority="high").apply(key, NOW)
    assert high.limits.max_priority is Priority.HIGH
    assert request(UpdateKey, max_priority=None).apply(high, NOW).limits == limits
    inside = request(UpdateKey, local_only=True).apply(key, NOW)
    assert inside.limits.local_only
    assert request(UpdateKey).apply(inside, NOW).limits.local_only
    assert not request(UpdateKey, local_only=False).apply(inside, NOW).limits.local_only
    assert request(UpdateKey, scopes=["sora"]).apply(key, NOW).scopes == {Scope.SORA}
    disabled = request(UpdateKey, disabled=True).apply(key, NOW)
    assert disabled.disabled_at == NOW
    assert request(UpdateKey, disabled=False).apply(disabled, NOW).disabled_at is None


def test_an_engines_account_has_three_of_each_at_once_by_default() -> None:
    for given in ({}, dict.fromkeys(("label", "video_concurrency", "image_concurrency"))):
        one = request(CreateEngineAccount, **given)
        assert (one.label, one.video_concurrency, one.image_concurrency) == ("", 3, 3)
        assert (one.access_token, one.session_token, one.refresh_token) == (None, None, None)
        assert (one.client_id, one.email) == (None, None)


def test_lists_are_of_all_by_default() -> None:
    assert parse(ListKeys, {"account": ""}).account is None
    assert parse(ListKeys, {}).account is None
    assert parse(ListEngineAccounts, {}).engine is None
    for schema in (ListKeys, ListEngineAccounts):
        assert parse(schema, {}).limit == 20
        for bad in ("0", "101"):
            with pytest.raises(HinodeError, match="'limit' must be 1 to 100"):
                parse(schema, {"limit": bad})


def test_choices_are_those_of_the_core() -> None:
    assert set(get_args(PlanName)) == {one.value for one in Plan}
    assert set(get_args(ScopeName)) == {one.value for one in Scope}
    assert set(get_args(AdminStateName)) == {one.value for one in AdminState}
    states = AdminEngineAccount.model_fields["state"].annotation
    assert set(get_args(states)) == {one.value for one in UpstreamAccountState}
    assert set(get_args(DoubtName)) == {one.value for one in Doubt}


@pytest.mark.parametrize(("given", "strict"), [({}, False), ({"strict_fields": "true"}, True)])
def test_a_new_key_is_strict_only_if_that_is_asked_for(given: dict[str, Any], strict: bool) -> None:
    assert request(CreateKey, **given).new_key().strict_fields is strict


@pytest.mark.parametrize(("given", "inside"), [({}, False), ({"local_only": "true"}, True)])
def test_new_keys_and_accounts_are_local_only_if_that_is_asked_for(
    given: dict[str, Any], inside: bool
) -> None:
    assert request(CreateKey, **given).new_key().limits.local_only is inside
    assert request(CreateAccount, **given).new_account().local_only is inside
    assert request(UpdateAccount, **given).change().local_only is (True if inside else None)
