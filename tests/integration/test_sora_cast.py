"""Characters of the Sora dialect over real HTTP, on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinode.api.sora.cast import wire
from hinode.kit.ids import new_id, spell, spell_short, unspell
from hinode.studio.access.types import Scope
from hinode.testing.server import LiveServer
from tests.support.cast import (
    RED,
    Member,
    cast_of,
    film_with_a_sharp_moment,
    job_of,
    member,
    open_studio,
    opened,
    refused,
    unique,
    write_sound,
)
from tests.support.databases import Postgres
from tests.support.films import write_film
from tests.support.live import DBOS
from tests.support.pictures import png_bytes

pytestmark = DBOS
_CAMEO = re.compile(r"cameo_[0-9a-f]{32}")
_CHARACTER = re.compile(r"ch_[0-9a-f]{32}")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    data = tmp_path_factory.mktemp("cast")
    if request.param == "sqlite":
        with open_studio(data, f"sqlite:///{data / 'hinode.db'}") as opened_studio:
            yield opened_studio
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.fresh() as url, open_studio(data, url) as opened_studio:
        yield opened_studio


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
    wire.CameoProgress.model_validate(progress)
    assert (progress["status"], progress["status_message"]) == ("finalized", "Completed")
    assert progress["username_hint"].startswith(f"{name}.")
    username = progress["username_hint"].split(".")[-1] + "123"

    picture = httpx.get(progress["profile_asset_url"])
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
    wire.CharacterMade.model_validate(finalized.json())
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
    assert cast_of(owner.server, job_of(task.json()["id"])) == [username]


def test_the_portrait_is_the_sharpest_picture_of_the_range(owner: Member, film: bytes) -> None:
    cameo = owner.cameo(film, "1.5,3.5")

    portrait = opened(owner.in_progress(cameo)["profile_asset_url"])

    assert (portrait.format, portrait.size) == ("WEBP", (512, 512))
    pixel = portrait.convert("RGB").getpixel((96, 32))
    assert isinstance(pixel, tuple)
    assert all(abs(found - wanted) < 40 for found, wanted in zip(pixel, RED, strict=True))


def test_links_to_portraits_are_signed(owner: Member, film: bytes) -> None:
    url = owner.in_progress(owner.cameo(film))["profile_asset_url"]

    assert httpx.head(url).status_code == 200
    assert httpx.get(url, headers={"range": "bytes=8-11"}).content == b"WEBP"
    assert httpx.get(url.partition("?")[0]).status_code == 403
    assert httpx.get(url.replace("portrait.webp", "other.webp")).status_code == 403


@pytest.mark.parametrize(
    ("clip", "timestamps", "reason"),
    [
        (b"just some text", "0,3", "MP4"),
        (b"", "0,3", "MP4"),
        (b"\0\0\0\x20ftypisom" + b"\xff" * 400, "0,3", "cannot be decoded|can be decoded"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "0,3", "MP4"),
        (png_bytes(8, 8), "0,3", "MP4"),
        (None, "3,9", "within the clip's 4.0 seconds"),
        (None, "90,93", "within the clip's 4.0 seconds"),
    ],
    ids=["text", "empty", "broken", "playlist", "picture", "ends-later", "begins-later"],
)
def test_a_clip_that_is_none_fails_with_a_reason(
    owner: Member, film: bytes, clip: bytes | None, timestamps: str, reason: str
) -> None:
    made = owner.upload(film if clip is None else clip, timestamps)
    assert made.status_code == 200, made.text

    progress = owner.processed(made.json()["id"])

    wire.CameoProgress.model_validate(progress)
    assert (progress["status"], progress["profile_asset_url"]) == ("failed", None)
    assert re.search(reason, progress["status_message"]), progress
    assert isinstance(progress["username_hint"], str)
    why = refused(owner.finalize(made.json()["id"], unique()), 400, "invalid_request", "cameo_id")
    assert progress["status_message"] in why


def test_a_film_too_long_or_without_pictures_fails_with_the_rule(
    owner: Member, tmp_path: Path
) -> None:
    long = write_film(tmp_path / "long.mp4", seconds=125.0, fps=1).read_bytes()
    wide = write_film(tmp_path / "wide.mp4", 4_200, 16, seconds=1.0, fps=2).read_bytes()
    sound = write_sound(tmp_path / "sound.mp4").read_bytes()

    for clip, rule in ((long, "at most 120 seconds"), (wide, "4096"), (sound, "no video stream")):
        failed = owner.processed(owner.upload(clip, "0,1").json()["id"])
        assert failed["status"] == "failed"
        assert rule in failed["status_message"]


@pytest.mark.parametrize(
    "timestamps",
    ["", "0", "0,1,2", "a,b", "3,1", "1,1", "-1,2", "0,nan", "0,inf", "0,1e400", "0,16"],
)
def test_timestamps_that_no_clip_can_have_are_refused(
    owner: Member, film: bytes, timestamps: str
) -> None:
    refused(owner.upload(film, timestamps), 400, "invalid_request", "timestamps")


def test_an_upload_is_a_file_of_bounded_size(owner: Member, server: LiveServer) -> None:
    body = {"timestamps": "0,3"}
    refused(owner.http.post("/characters/upload", data=body), 400, "invalid_request", "file")
    text = owner.http.post("/characters/upload", data={**body, "file": "film.mp4"})
    assert text.status_code == 400
    refused(owner.upload(bytes(2_100_000)), 400, "invalid_request")
    refused(owner.http.post("/characters/upload"), 400, "invalid_request")
    assert not [one for one in server.services.store.list("cameos") if one.size > 2_000_000]


def test_an_account_has_few_clips_at_work_at_once(
    server: LiveServer, owner: Member, film: bytes
) -> None:
    """Those of others do not count, and who waits is served again."""
    from hinode.studio.characters.cameo_service import MOST_PROCESSING

    answers = [owner.upload(film) for _ in range(MOST_PROCESSING + 15)]

    late = [one for one in answers if one.status_code != 200]
    assert {one.status_code for one in late} <= {429}
    if late:
        assert late[0].json()["error"]["code"] == "too_many_concurrent_tasks"
    for one in answers:
        if one.status_code == 200:
            assert owner.processed(one.json()["id"])["status"] == "finalized"
    assert owner.upload(film).status_code == 200
    assert list(server.services.store.list("characters"))


def test_a_video_of_ones_own_becomes_a_cameo(owner: Member, stranger: Member) -> None:
    job = owner.make("a fox")
    draft = owner.draft_of(job)
    wanted = {
        "generation_id": draft["id"], "character_id": None, "timestamps": [0, 0.09],
    }  # fmt: skip
    assert wanted["generation_id"] == spell_short("gen_", job)

    made = owner.post("/characters/from-generation", wanted)

    assert made.status_code == 200, made.text
    assert owner.processed(made.json()["id"])["status"] == "finalized"
    refused(stranger.post("/characters/from-generation", wanted), 404, "not_found", "id")
    for name in (spell_short("gen_", new_id()), "gen_nothing", f"{wanted['generation_id']}0"):
        other = owner.post("/characters/from-generation", {**wanted, "generation_id": name})
        assert other.status_code == 404, other.text
    for bad in ({"generation_id": None}, {"timestamps": None}, {"timestamps": [0]},
                {"timestamps": [True, 3]}, {"timestamps": ["x", 3]}):  # fmt: skip
        given = owner.post("/characters/from-generation", {**wanted, **bad})
        refused(given, 400, "invalid_request", next(iter(bad)))


def test_a_cameo_that_is_not_done_cannot_be_finalized(tmp_path: Path, film: bytes) -> None:
    url = f"sqlite:///{tmp_path / 'idle.db'}"
    with open_studio(tmp_path, url, workers=False) as idle, member(idle) as owner:
        cameo = owner.upload(film).json()["id"]
        progress = owner.in_progress(cameo)
        assert (progress["status"], progress["profile_asset_url"]) == ("processing", None)
        refused(owner.finalize(cameo, unique()), 400, "not_ready", "cameo_id")
        # Nobody works here, so that every one of them waits.
        while (answer := owner.upload(film)).status_code == 200:
            assert len(list(idle.services.store.list("cameos"))) <= 5
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (429, "too_many_concurrent_tasks")
        assert error["details"] == {"num_tasks": 5}


def test_finalizing_twice_gives_the_same_character(owner: Member, film: bytes) -> None:
    cameo = owner.cameo(film)
    first = owner.finalize(cameo, unique())
    second = owner.finalize(cameo, unique("other"))

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["character"]["character_id"] == second.json()["character"]["character_id"]
    assert second.json()["character"]["username"] == first.json()["character"]["username"]


def test_finalizing_at_once_gives_one_character(owner: Member, film: bytes) -> None:
    cameo = owner.cameo(film)

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: owner.finalize(cameo, unique()), range(6)))

    assert [one.status_code for one in answers] == [200] * 6
    assert len({one.json()["character"]["character_id"] for one in answers}) == 1
    (listed,) = owner.http.get("/project_y/profile/me/characters").json()["items"]
    assert listed["username"] == answers[0].json()["character"]["username"]


def test_of_many_who_want_a_name_at_once_one_gets_it(
    server: LiveServer, owner: Member, stranger: Member, film: bytes
) -> None:
    """Characters of two accounts, and an account that wants to be called so itself."""
    cameos = [(one, one.cameo(film)) for one in (owner, stranger, owner, stranger)]
    name = unique()

    def claim(place: int) -> httpx.Response:
        if place == len(cameos):
            path = "/project_y/profile/username/set"
            return owner.post(path, {"username": name.upper()})
        one, cameo = cameos[place]
        return one.finalize(cameo, name)

    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(claim, range(5)))

    assert sorted(one.status_code for one in answers) == [200, 400, 400, 400, 400]
    for lost in (one for one in answers if one.status_code == 400):
        refused(lost, 400, "username_taken", "username")
    # Who lost may try another name with the same cameo.
    place = next(i for i, one in enumerate(answers[:4]) if one.status_code == 400)
    again = cameos[place][0].finalize(cameos[place][1], unique("second"))
    assert again.status_code == 200, again.text


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"cameo_id": None}, 400, "cameo_id"),
        ({"cameo_id": "cameo_1"}, 404, "id"),
        ({"cameo_id": spell("cameo_", new_id())}, 404, "cameo_id"),
        ({"username": None}, 400, "username"),
        ({"username": "a"}, 400, "username"),
        ({"username": "bad name"}, 400, "username"),
        ({"username": 5}, 400, "username"),
        ({"display_name": "x" * 81}, 400, "display_name"),
        ({"profile_asset_pointer": "sediment://file_1"}, 404, "profile_asset_pointer"),
        ({"instruction_set": 5}, 400, "instruction_set"),
        ({"instruction_set": {"value": [5]}}, 400, "instruction_set.value"),
        ({"safety_instruction_set": "x" * 5001}, 400, "safety_instruction_set"),
        ({"instruction_set": "a\x00b"}, 400, "instruction_set"),
    ],
    ids=[
        "no-cameo", "no-id", "unknown-cameo", "no-name", "short-name", "bad-name", "number-name",
        "long-display-name", "no-pointer", "number-set", "odd-set", "long-set", "nul",
    ],
)  # fmt: skip
def test_a_bad_finalize_is_refused_by_name_and_rule(
    server: LiveServer, film: bytes, body: dict[str, Any], status: int, param: str
) -> None:
    with member(server, "finalizer") as one:
        listed = one.http.get("/project_y/profile/me/characters").json()["items"]
        cameo = listed[0]["cameo_id"] if listed else one.cameo(film)
        if not listed:
            one.finalize(cameo, unique())
        code = "invalid_request" if status == 400 else "not_found"
        answer = one.finalize(cameo, unique(), **body)
        refused(answer, status, code, param)


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
    wire.CharacterProfile.model_validate(seen)
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
    wire.CharacterProfile.model_validate(after.json())
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
    for name in (cameo, one["character_id"], "ch_1", "cameo_1", spell("ch_", new_id())):
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
    wire.CharacterList.model_validate(first)
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
    for who in ("user-1", spell("user-", new_id())):
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

    wire.CharacterProfile.model_validate(listed)
    assert listed["character_id"] == made.json()["id"].replace("char_", "ch_")
    assert (listed["display_name"], listed["username"]) == ("Mia", None)
    assert (listed["visibility"], listed["can_cameo"]) == ("private", True)
    assert opened(listed["profile_picture_url"]).format == "PNG"
    assert owner.cast_of("Mia runs") == ["Mia"]


def test_a_prompt_calls_characters_by_username(
    owner: Member, stranger: Member, film: bytes
) -> None:
    one, two = owner.character(film, unique()), owner.character(film, unique("wren"))
    first, second = one["username"], two["username"]
    public = f"/project_y/cameos/by_id/{two['character_id']}/update_v2"
    assert owner.post(public, {"visibility": "public"}).status_code == 200

    assert owner.cast_of(f"@{first} meets @{second}.") == [first, second]
    assert owner.cast_of(f"@{first.upper()}, running... and @{first}!") == [first]
    assert owner.cast_of(f"在雨中,@{second}在跑步") == [second]
    assert owner.cast_of(f"look:@{second}.Then rain") == [second]
    assert owner.cast_of(f"<@{one['character_id']}> jumps") == [first]
    assert owner.cast_of(f"mail me@{first} or {second}") == []
    assert stranger.cast_of(f"@{second} and @{first} and @nobody.at.all") == [second]
    assert stranger.cast_of(f"<@{one['character_id']}> jumps") == []
    # Three are called, two appear.
    third = owner.character(film, unique("lark"))["username"]
    assert owner.cast_of(f"@{first} @{second} @{third}") == [first, second]


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
    assert cast_of(owner.server, job_of(made.json()["id"])) == [one["username"]]
    assert stranger.post("/nf/create", body).status_code == 404
    path = f"/project_y/cameos/by_id/{one['cameo_id']}/update_v2"
    assert owner.post(path, {"visibility": "public"}).status_code == 200
    assert stranger.post("/nf/create", body).status_code == 200


def test_a_remix_keeps_those_who_may_still_be_used(owner: Member, film: bytes) -> None:
    one = owner.character(film, unique())
    job = owner.make(f"@{one['username']} runs")
    owner.draft_of(job)

    def remixed() -> list[str]:
        url = f"{owner.server.url}/v1/videos/{spell('video_', job)}/remix"
        made = owner.http.post(url, json={"prompt": "at night"})
        assert made.status_code == 200, made.text
        found = unspell("video_", made.json()["id"])
        assert found is not None
        return cast_of(owner.server, found)

    assert remixed() == [one["username"]]
    owner.http.delete(f"/project_y/characters/{one['character_id']}")
    assert remixed() == []


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
    assert owner.cast_of(f"@{one['username']} runs") == []
    # The video being made keeps it, and its picture is still there.
    assert cast_of(owner.server, job) == ["Robin"]
    assert httpx.get(one["profile_picture_url"]).status_code == 200
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
    stranger = httpx.request(method, f"{server.url}/backend{path}")
    assert (stranger.status_code, stranger.json()["error"]["code"]) == (401, "token_invalidated")
    narrow = {"authorization": f"Bearer {server.new_key(owner.account, frozenset({Scope.CHAT}))}"}
    refused(
        httpx.request(method, f"{server.url}/backend{path}", headers=narrow),
        403,
        "insufficient_permissions",
    )
    if method == "POST":
        for content, kind in ((b"", ""), (b"[]", "application/json"), (b"{", "application/json")):
            answer = owner.http.post(path, content=content, headers={"content-type": kind})
            refused(answer, 400, "invalid_request")
