"""Reading exports of accounts, ours and sora2api's."""

from __future__ import annotations

from typing import Any

import pytest

from hinode import HinodeError
from hinode.core.upstreams.export_format import ImportMode, read
from hinode.core.upstreams.types import Slots, UpstreamAccountCreate
from hinode.upstream_accounts import TokenSet

EVERYTHING = {
    "email": "ann@example.com",
    "token": "at",
    "st": "st",
    "rt": "rt",
    "client_id": "app",
    "remark": "mine",
    "proxy_url": "http://not.used",
    "is_active": False,
    "image_enabled": False,
    "video_concurrency": 4,
}
CHOSEN = {
    ImportMode.OFFLINE: TokenSet("at", "st", "rt", "app"),
    ImportMode.AT: TokenSet("at", "st", "rt", "app"),
    ImportMode.ST: TokenSet(session="st"),
    ImportMode.RT: TokenSet(refresh="rt", client_id="app"),
}


@pytest.mark.parametrize("mode", ImportMode)
def test_each_mode_takes_its_tokens(mode: ImportMode) -> None:
    [found] = read({"tokens": [EVERYTHING]}, "far", mode)
    slots = Slots(videos=4, images=0)
    wanted = UpstreamAccountCreate("far", CHOSEN[mode], "mine", "ann@example.com", slots, False)
    assert found == wanted


def test_what_is_not_said_is_unlimited_and_enabled() -> None:
    [found] = read([{"access_token": "at"}], "far", ImportMode.OFFLINE)
    assert (found.slots, found.enabled, found.email) == (Slots(-1, -1), True, None)


@pytest.mark.parametrize(
    ("value", "mode", "param"),
    [
        ({}, "offline", "tokens"),
        ("text", "offline", "tokens"),
        (["text"], "offline", "tokens[0]"),
        ([{"st": "x"}], "rt", "tokens[0]"),
        ([{"at": "x"}, {"token": 5}], "at", "tokens[1].token"),
        ([{"token": "x", "video_concurrency": "3"}], "at", "tokens[0].video_concurrency"),
    ],
    ids=["no list", "text", "no object", "no such token", "wrong type", "wrong number"],
)
def test_what_is_no_export_is_refused(value: Any, mode: str, param: str) -> None:
    with pytest.raises(HinodeError) as refusal:
        read(value, "far", ImportMode(mode))
    assert refusal.value.param == param
