"""CheckResult people and characters by name, over real HTTP, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hinode.api.sora.posts import schemas
from hinode.core.accounts import usernames
from hinode.core.accounts.types import UsernameKind
from hinode.core.characters import repository as characters
from hinode.core.characters.types import Character, Visibility
from hinode.kit.ids import encode_id, new_id
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.databases import Postgres
from tests.support.posts import Person, open_gallery, person, refused

NAMED = "/project_y/profile/username"
SEARCH = "/project_y/profile/search_mentions"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    data = tmp_path_factory.mktemp("people")
    if request.param == "sqlite":
        with open_gallery(data, f"sqlite:///{data / 'hinode.db'}") as opened:
            yield opened
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.fresh() as url, open_gallery(data, url) as opened:
        yield opened


@pytest.fixture
def mika(server: LiveServer, tmp_path: Path) -> Iterator[Person]:
    with person(server, tmp_path) as one:
        yield one


@pytest.fixture
def stranger(server: LiveServer, tmp_path: Path) -> Iterator[Person]:
    with person(server, tmp_path) as one:
        yield one


def call_oneself(one: Person, username: str) -> str:
    """Take a username for one's account; return the account as the wire spells it."""
    account_id = one.caller.account_id
    with one.server.services.db.write() as conn:
        usernames.claim(conn, username, UsernameKind.ACCOUNT, account_id)
    return encode_id("user-", account_id)


def character(one: Person, username: str, visibility: Visibility = Visibility.PRIVATE) -> str:
    """Give somebody a character; return it as the wire spells it."""
    services, character_id = one.server.services, new_id()
    made = Character(
        character_id,
        one.caller.account_id,
        f"Character {username}",
        f"characters/{character_id.hex}/portrait.webp",
        services.clock.now(),
        visibility,
    )
    with services.db.write() as conn:
        characters.insert(conn, made)
        usernames.claim(conn, username, UsernameKind.CHARACTER, character_id)
    return encode_id("ch_", character_id)


def searched(one: Person, prefix: str, **query: str) -> list[dict[str, Any]]:
    answer = one.http.get(SEARCH, params={"username": prefix, **query})
    assert answer.status_code == 200, answer.text
    schemas.MentionList.model_validate(answer.json())
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def usernames_of(items: list[dict[str, Any]]) -> list[str]:
    return [item["profile"]["username"] for item in items]


def test_a_person_is_found_by_name_in_any_case(mika: Person, stranger: Person) -> None:
    user_id = call_oneself(mika, "Mika.One")

    found = stranger.http.get(f"{NAMED}/mIKA.oNE")

    assert found.status_code == 200
    schemas.ProfileObject.model_validate(found.json())
    assert (found.json()["user_id"], found.json()["username"]) == (user_id, "Mika.One")
    assert found.json()["can_cameo"] is False


def test_a_character_is_found_by_those_who_may_use_it(mika: Person, stranger: Person) -> None:
    user_id = call_oneself(mika, "keeper")
    hidden = character(mika, "shy.fox")
    character(mika, "loud.fox", Visibility.PUBLIC)

    mine = mika.http.get(f"{NAMED}/shy.fox").json()
    schemas.UserOrCharacterProfile.model_validate(mine)
    assert (mine["user_id"], mine["can_cameo"]) == (hidden, True)
    assert mine["owner_profile"]["user_id"] == user_id
    refused(stranger.http.get(f"{NAMED}/shy.fox"), 404, "not_found", "username")
    public = stranger.http.get(f"{NAMED}/loud.fox").json()
    assert (public["can_cameo"], public["owner_profile"]["username"]) == (True, "keeper")


@pytest.mark.parametrize("name", ["nobody.here", "x", "a%00b", "%27%20OR%201", "check"])
def test_names_of_nobody_are_unknown(mika: Person, name: str) -> None:
    refused(mika.http.get(f"{NAMED}/{name}"), 404, "not_found", "username")


def test_people_are_searched_by_how_their_names_begin(mika: Person, stranger: Person) -> None:
    call_oneself(mika, "Zoe_1")
    user_id = call_oneself(stranger, "zoe.z9")
    character(mika, "zoe.fox", Visibility.PUBLIC)

    items = searched(mika, "ZOE", intent="users")

    assert sorted(usernames_of(items)) == ["Zoe_1", "zoe.z9"]
    assert {item["token"] for item in items} >= {f"<@{user_id}>"}
    assert usernames_of(searched(mika, "@zoe_")) == ["Zoe_1"]
    assert usernames_of(searched(mika, "zoe.")) == ["zoe.z9"]
    assert searched(mika, "zoe%") == searched(mika, "oe") == []
    assert len(searched(mika, "zoe", limit="1")) == 1


def test_characters_are_searched_among_ones_own_and_public_ones(
    mika: Person, stranger: Person
) -> None:
    own = character(mika, "wolf.own")
    public = character(stranger, "wolf.public", Visibility.PUBLIC)
    character(stranger, "wolf.hidden")
    call_oneself(stranger, "wolf.person")

    items = searched(mika, "wolf", intent="cameo", limit="10")

    assert [item["token"] for item in items] == [f"<@{own}>", f"<@{public}>"]
    assert [item["profile"]["can_cameo"] for item in items] == [True, True]
    assert items[1]["profile"]["owner_profile"]["username"] == "wolf.person"


def test_a_search_for_nothing_in_particular_shows_some(mika: Person) -> None:
    character(mika, "any.one")
    assert 1 <= len(searched(mika, "", intent="cameo")) <= 10
    assert mika.http.get(SEARCH).status_code == 200


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"intent": "friends"}, "intent"),
        ({"limit": "0"}, "limit"),
        ({"username": "a\x00b"}, "username"),
    ],
    ids=["intent", "limit", "nul"],
)
def test_bad_searches_are_refused(mika: Person, query: dict[str, str], param: str) -> None:
    refused(mika.http.get(SEARCH, params=query), 400, "invalid_request", param)


def test_names_longer_than_any_are_nobodys(mika: Person) -> None:
    assert searched(mika, "z" * 5_000) == []


def test_nobody_has_references(mika: Person) -> None:
    answer = mika.http.get("/project_y/references/mine", params={"limit": "20"})

    assert answer.json() == {"items": [], "cursor": None}
    schemas.ReferenceList.model_validate(answer.json())


@pytest.mark.parametrize("path", [f"{NAMED}/mika", SEARCH, "/project_y/references/mine"])
def test_nobody_is_shown_without_a_token(server: LiveServer, path: str) -> None:
    refused(patient.get(f"{server.url}/backend{path}"), 401, "token_invalidated")
