"""Characters of the Sora dialect over real HTTP, on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from hinode.api.sora.characters import schemas
from hinode.api.sora.drafts.schemas import DraftItem
from hinode.core.auth.types import Scope
from hinode.kit.ids import decode_id, encode_id, new_id
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.characters import (
    Member,
    characters_of,
    film_with_a_sharp_moment,
    job_of,
    member,
    opened,
    refused,
    studio_on,
    unique,
)
from tests.support.pictures import png_bytes

_CAMEO = re.compile(r"cameo_[0-9a-f]{32}")
_CHARACTER = re.compile(r"ch_[0-9a-f]{32}")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    with studio_on(request, tmp_path_factory.mktemp("cast")) as running:
        yield running


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film_with_a_sharp_moment(tmp_path_factory.mktemp("film"))


@pytest.fixture
def owner(server: LiveServer) -> Iterator[Member]:
    with member(server) as one:
        yield one


@pytest.fixture
def stranger(server: LiveServer) -> Iterator[Member]:
    with member(server) as one:
        yield one


@pytest.mark.from_captured_traffic
def test_from_an_mp4_to_a_video_in_which_the_character_appears(owner: Member, film: bytes) -> None:
    """The flow chart of characters, step by step, as its clients walk it."""
    name = f"owner{new_id().hex[-8:]}"
    assert owner.post("/project_y/profile/username/set", {"username": name}).status_code == 200
    made = owner.upload(film, "0,3")
    assert made.status_code == 200
    cameo = made.json()["id"]
    assert _CAMEO.fullmatch(cameo)

    progress = owner.processed(cameo)
    schemas.CameoProgressObject.model_validate(progress)
    assert (progress["status"], progress["status_message"]) == ("finalized", "Completed")
    assert progress["username_hint"].startswith(f"{name}.")
    username = progress["username_hint"].split(".")[-1] + "123"

    picture = patient.get(progress["profile_asset_url"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/webp")
    uploaded = owner.http.post(
        "/project_y/file/upload",
        files={"file": ("profile.webp", picture.content, "image/webp")},
        data={"use_case": "profile"},
    )
    assert uploaded.status_code == 200, uploaded.text
    pointer = uploaded.json()["asset_pointer"]

    finalized = owner.finalize(cameo, username, profile_asset_pointer=pointer)
    assert finalized.status_code == 200, finalized.text
    schemas.CharacterCreated.model_validate(finalized.json())
    character = finalized.json()["character"]
    assert _CHARACTER.fullmatch(character["character_id"])
    assert (character["username"], character["display_name"]) == (username, "Robin")
    assert opened(character["profile_picture_url"]).size == (512, 512)

    shown = owner.post(f"/project_y/cameos/by_id/{cameo}/update_v2", {"visibility": "public"})
    assert (shown.status_code, shown.json()["visibility"]) == (200, "public")
    body = {"kind": "video", "prompt": f"@{username} runs.", "orientation": "landscape",
            "size": "small", "n_frames": 300, "model": "sy_8", "inpaint_items": [],
            "style_id": None}  # fmt: skip
    task = owner.post("/nf/create", body)
    assert task.status_code == 200, task.text
    assert characters_of(owner.server, job_of(task.json()["id"])) == [username]


def test_instruction_sets_are_kept_for_their_owner(
    owner: Member, stranger: Member, film: bytes
) -> None:
    texts = {"value": [{"type": "text", "value": "Shy."}]}
    one = owner.character(film, unique(), instruction_set=texts, safety_instruction_set="No rain.")
    assert one["instruction_set"] == texts
    assert one["safety_instruction_set"] == {"value": [{"type": "text", "value": "No rain."}]}

    path = f"/project_y/cameos/by_id/{one['character_id']}/update_v2"
    changed = owner.post(path, {"instruction_set": "Bold.", "visibility": "public"})

    assert changed.status_code == 200
    assert changed.json()["instruction_set"]["value"][0]["value"] == "Bold."
    assert changed.json()["safety_instruction_set"] == one["safety_instruction_set"]
    seen = stranger.http.get(f"/project_y/characters/{one['character_id']}").json()
    schemas.CharacterProfile.model_validate(seen)
    assert (seen["instruction_set"], seen["safety_instruction_set"]) == (None, None)
    assert (seen["cameo_id"], seen["can_cameo"]) == (None, True)


def test_a_character_changes_its_names_and_its_picture(
    owner: Member, stranger: Member, film: bytes
) -> None:
    before = owner.character(film, unique())
    path = f"/project_y/characters/{before['character_id']}/update"
    uploaded = owner.http.post(
        f"{owner.server.url}/v1/files",
        files={"file": ("face.png", png_bytes(300, 200, (10, 200, 30)), "image/png")},
        data={"purpose": "vision"},
    )
    digits = uploaded.json()["id"].removeprefix("file-")
    change = {
        "username": (name := unique("new")),
        "display_name": "Willow",
        "profile_asset_pointer": f"sediment://file_{digits}",
    }

    after = owner.post(path, change)

    assert after.status_code == 200, after.text
    schemas.CharacterProfile.model_validate(after.json())
    assert (after.json()["username"], after.json()["display_name"]) == (name, "Willow")
    assert after.json()["visibility"] == "private"
    pixel = opened(after.json()["profile_picture_url"]).convert("RGB").getpixel((9, 256))
    assert isinstance(pixel, tuple)
    assert abs(pixel[1] - 200) < 12
    assert owner.post(path).json()["username"] == name
    # The old name is free again, and a taken one leaves all as it was.
    other = stranger.character(film, before["username"])
    refused(owner.post(path, {"username": other["username"], "display_name": "X"}), 400,
            "username_taken", "username")  # fmt: skip
    now = owner.http.get(f"/project_y/characters/{before['character_id']}").json()
    assert (now["username"], now["display_name"]) == (name, "Willow")
    refused(stranger.post(path, change), 404, "not_found", "id")
    theirs = stranger.post(
        f"/project_y/characters/{other['character_id']}/update",
        {"profile_asset_pointer": change["profile_asset_pointer"]},
    )
    refused(theirs, 404, "not_found", "file_id")
    for bad in ({"visibility": "all"}, {"username": "x"}, {"display_name": "  "}):
        refused(owner.post(path, bad), 400, "invalid_request", next(iter(bad)))


def test_private_characters_and_cameos_are_nobody_elses(
    owner: Member, stranger: Member, film: bytes
) -> None:
    cameo = owner.cameo(film)
    one = owner.finalize(cameo, unique()).json()["character"]
    own = f"/project_y/characters/{one['character_id']}"

    refused(stranger.http.get(own), 404, "not_found", "id")
    refused(stranger.http.delete(own), 404, "not_found", "id")
    refused(stranger.post(f"{own}/update", {"display_name": "X"}), 404, "not_found", "id")
    for name in (cameo, one["character_id"], "ch_1", "cameo_1", encode_id("ch_", new_id())):
        update = stranger.post(
            f"/project_y/cameos/by_id/{name}/update_v2", {"visibility": "public"}
        )
        refused(update, 404, "not_found", "id")
    refused(stranger.http.get(f"/project_y/cameos/in_progress/{cameo}"), 404, "not_found",
            "cameo_id")  # fmt: skip
    refused(stranger.finalize(cameo, unique()), 404, "not_found", "cameo_id")
    assert owner.http.get(own).json()["visibility"] == "private"
    # A public one can be seen by everyone, and changed by nobody but its owner.
    owner.post(f"/project_y/cameos/by_id/{cameo}/update_v2", {"visibility": "public"})
    assert stranger.http.get(own).status_code == 200
    refused(stranger.http.delete(own), 404, "not_found", "id")


def test_lists_have_all_of_ones_own_and_the_public_ones_of_others(
    owner: Member, stranger: Member, film: bytes
) -> None:
    made = [owner.character(film, unique()) for _ in range(3)]
    path = f"/project_y/cameos/by_id/{made[1]['character_id']}/update_v2"
    assert owner.post(path, {"visibility": "public"}).status_code == 200
    newest_first = [one["character_id"] for one in reversed(made)]
    user = made[0]["owner_profile"]["user_id"]

    first = owner.http.get("/project_y/profile/me/characters", params={"limit": 2}).json()
    schemas.CharacterList.model_validate(first)
    rest = owner.http.get(
        f"/project_y/profile/{user}/characters", params={"limit": 2, "cursor": first["cursor"]}
    ).json()
    seen = stranger.http.get(f"/project_y/profile/{user}/characters").json()

    assert [one["character_id"] for one in (*first["items"], *rest["items"])] == newest_first
    assert rest["cursor"] is None
    assert [one["character_id"] for one in seen["items"]] == [made[1]["character_id"]]
    assert stranger.http.get("/project_y/profile/me/characters").json()["items"] == []
    for query in ({"limit": "0"}, {"limit": "x"}, {"cursor": "ch_1"}):
        answer = owner.http.get("/project_y/profile/me/characters", params=query)
        refused(answer, 400, "invalid_request", next(iter(query)))
    for who in ("user-1", encode_id("user-", new_id())):
        answer = owner.http.get(f"/project_y/profile/{who}/characters")
        assert answer.status_code == 404


def test_characters_of_the_openai_dialect_are_private_ones_here(owner: Member, film: bytes) -> None:
    made = owner.http.post(
        f"{owner.server.url}/v1/videos/characters",
        files={"video": ("clip.mp4", film, "video/mp4")},
        data={"name": "Mia"},
    )
    assert made.status_code == 200, made.text

    (listed,) = owner.http.get("/project_y/profile/me/characters").json()["items"]

    schemas.CharacterProfile.model_validate(listed)
    assert listed["character_id"] == made.json()["id"].replace("char_", "ch_")
    assert (listed["display_name"], listed["username"]) == ("Mia", None)
    assert (listed["visibility"], listed["can_cameo"]) == ("private", True)
    assert opened(listed["profile_picture_url"]).format == "PNG"
    assert owner.characters_of("Mia runs") == ["Mia"]


def test_a_prompt_calls_characters_by_username(
    owner: Member, stranger: Member, film: bytes
) -> None:
    one, two = owner.character(film, unique()), owner.character(film, unique("wren"))
    first, second = one["username"], two["username"]
    public = f"/project_y/cameos/by_id/{two['character_id']}/update_v2"
    assert owner.post(public, {"visibility": "public"}).status_code == 200

    assert owner.characters_of(f"@{first} meets @{second}.") == [first, second]
    assert owner.characters_of(f"@{first.upper()}, running... and @{first}!") == [first]
    assert owner.characters_of(f"在雨中,@{second}在跑步") == [second]
    assert owner.characters_of(f"look:@{second}.Then rain") == [second]
    assert owner.characters_of(f"<@{one['character_id']}> jumps") == [first]
    assert owner.characters_of(f"mail me@{first} or {second}") == []
    assert stranger.characters_of(f"@{second} and @{first} and @nobody.at.all") == [second]
    assert stranger.characters_of(f"<@{one['character_id']}> jumps") == []
    # Three are called, two appear.
    third = owner.character(film, unique("lark"))["username"]
    assert owner.characters_of(f"@{first} @{second} @{third}") == [first, second]


def test_who_is_named_by_id_is_ones_own_or_public(
    owner: Member, stranger: Member, film: bytes
) -> None:
    private, public = owner.character(film, unique()), owner.character(film, unique())
    path = f"/project_y/cameos/by_id/{public['cameo_id']}/update_v2"
    assert owner.post(path, {"visibility": "public"}).status_code == 200

    def ask(*names: str) -> httpx.Response:
        characters = [{"id": name.replace("ch_", "char_")} for name in names]
        body = {"prompt": "a walk", "seconds": "4", "characters": characters}
        return stranger.http.post(f"{stranger.server.url}/v1/videos", json=body)

    assert ask(public["character_id"]).status_code == 200
    assert ask(private["character_id"]).status_code == 404
    three = ask(*[public["character_id"]] * 3)
    assert (three.status_code, three.json()["error"]["param"]) == (400, "characters")


def test_cameo_ids_name_characters_and_their_cameos(
    owner: Member, stranger: Member, film: bytes
) -> None:
    one = owner.character(film, unique())
    body = {"kind": "video", "prompt": "a walk", "n_frames": 300, "model": "sy_8",
            "cameo_ids": [one["character_id"]] * 2, "cameo_replacements": {}}  # fmt: skip

    made = owner.post("/nf/create", body)

    assert made.status_code == 200, made.text
    assert characters_of(owner.server, job_of(made.json()["id"])) == [one["username"]]
    assert stranger.post("/nf/create", body).status_code == 404
    path = f"/project_y/cameos/by_id/{one['cameo_id']}/update_v2"
    assert owner.post(path, {"visibility": "public"}).status_code == 200
    assert stranger.post("/nf/create", body).status_code == 200


def test_a_remix_keeps_those_who_may_still_be_used(owner: Member, film: bytes) -> None:
    one = owner.character(film, unique())
    job = owner.make(f"@{one['username']} runs")
    owner.draft_of(job)

    def remixed() -> list[str]:
        url = f"{owner.server.url}/v1/videos/{encode_id('video_', job)}/remix"
        made = owner.http.post(url, json={"prompt": "at night"})
        assert made.status_code == 200, made.text
        found = decode_id("video_", made.json()["id"])
        assert found is not None
        return characters_of(owner.server, found)

    assert remixed() == [one["username"]]
    owner.http.delete(f"/project_y/characters/{one['character_id']}")
    assert remixed() == []


def test_a_draft_says_who_appears_for_as_long_as_they_are_there(owner: Member, film: bytes) -> None:
    one = owner.character(film, unique())
    job = owner.make(f"@{one['username']} runs")

    draft = owner.draft_of(job)

    DraftItem.model_validate(draft)
    (profile,) = draft["creation_config"]["cameo_profiles"]
    names = ("character_id", "username", "display_name", "owner_profile", "instruction_set")
    assert {name: profile[name] for name in names} == {name: one[name] for name in names}
    owner.http.delete(f"/project_y/characters/{one['character_id']}")
    assert owner.draft_of(job)["creation_config"]["cameo_profiles"] == []


def test_a_deleted_character_is_gone_and_its_name_free(
    owner: Member, stranger: Member, film: bytes
) -> None:
    one = owner.character(film, unique())
    job = owner.make(f"@{one['username']} sleeps [stall]")
    path = f"/project_y/characters/{one['character_id']}"

    gone = owner.http.delete(path)

    assert (gone.status_code, gone.json()) == (200, {"success": True})
    refused(owner.http.get(path), 404, "not_found", "id")
    refused(owner.http.delete(path), 404, "not_found", "id")
    assert owner.http.get("/project_y/profile/me/characters").json()["items"] == []
    assert owner.characters_of(f"@{one['username']} runs") == []
    # The video being made keeps it, and its picture is still there.
    assert characters_of(owner.server, job) == ["Robin"]
    assert patient.get(one["profile_picture_url"]).status_code == 200
    again = refused(owner.finalize(one["cameo_id"], unique()), 404, "not_found", "cameo_id")
    assert "deleted" in again
    assert stranger.character(film, one["username"])["username"] == one["username"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/characters/upload"),
        ("POST", "/characters/from-generation"),
        ("POST", "/characters/finalize"),
        ("GET", "/project_y/cameos/in_progress/cameo_1"),
        ("POST", "/project_y/cameos/by_id/cameo_1/update_v2"),
        ("POST", "/project_y/characters/ch_1/update"),
        ("GET", "/project_y/characters/ch_1"),
        ("DELETE", "/project_y/characters/ch_1"),
        ("GET", "/project_y/profile/me/characters"),
    ],
)
def test_every_route_wants_a_token_and_survives_odd_bodies(
    server: LiveServer, owner: Member, method: str, path: str
) -> None:
    stranger = patient.request(method, f"{server.url}/backend{path}")
    assert (stranger.status_code, stranger.json()["error"]["code"]) == (401, "token_invalidated")
    narrow = {"authorization": f"Bearer {server.new_key(owner.account, frozenset({Scope.CHAT}))}"}
    refused(
        patient.request(method, f"{server.url}/backend{path}", headers=narrow),
        403,
        "insufficient_permissions",
    )
    if method == "POST":
        for content, kind in ((b"", ""), (b"[]", "application/json"), (b"{", "application/json")):
            answer = owner.http.post(path, content=content, headers={"content-type": kind})
            refused(answer, 400, "invalid_request")
