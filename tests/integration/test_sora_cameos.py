"""Cameos of the Sora dialect over real HTTP: clips that become characters, on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinode.api.sora.characters import schemas
from hinode.core.characters.cameo_lifecycle import MAX_PROCESSING
from hinode.kit.ids import encode_id, encode_short_id, new_id
from hinode.media.types import Artifact, ArtifactRole
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.characters import (
    RED,
    Member,
    film_with_a_sharp_moment,
    member,
    open_studio,
    opened,
    refused,
    studio_on,
    unique,
    write_sound,
)
from tests.support.films import write_film
from tests.support.pictures import png_bytes
from tests.support.signed_urls import with_proof


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


def test_the_portrait_is_the_sharpest_picture_of_the_range(owner: Member, film: bytes) -> None:
    cameo = owner.cameo(film, "1.5,3.5")

    portrait = opened(owner.in_progress(cameo)["profile_asset_url"])

    assert (portrait.format, portrait.size) == ("WEBP", (512, 512))
    pixel = portrait.convert("RGB").getpixel((96, 32))
    assert isinstance(pixel, tuple)
    assert all(abs(found - wanted) < 40 for found, wanted in zip(pixel, RED, strict=True))


def test_links_to_portraits_are_signed(owner: Member, film: bytes) -> None:
    url = owner.in_progress(owner.cameo(film))["profile_asset_url"]

    assert patient.head(url).status_code == 200
    assert patient.get(url, headers={"range": "bytes=8-11"}).content == b"WEBP"
    assert patient.get(with_proof(url, f"{'0' * 32}.692aafd0")).status_code == 403
    assert patient.get(f"{url})").content == patient.get(url).content
    assert patient.get(url.replace("portrait.webp", "other.webp")).status_code == 403


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

    schemas.CameoProgressObject.model_validate(progress)
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
    answers = [owner.upload(film) for _ in range(MAX_PROCESSING + 15)]

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
    assert wanted["generation_id"] == encode_short_id("gen_", job)

    made = owner.post("/characters/from-generation", wanted)

    assert made.status_code == 200, made.text
    assert owner.processed(made.json()["id"])["status"] == "finalized"
    refused(stranger.post("/characters/from-generation", wanted), 404, "not_found", "generation_id")
    second = encode_short_id("gen_", job, 1)
    for name in (encode_short_id("gen_", new_id()), second, "gen_nothing", f"{draft['id']}0"):
        other = owner.post("/characters/from-generation", {**wanted, "generation_id": name})
        refused(other, 404, "not_found", "generation_id")
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
        job = owner.make("a fox")
        order = idle.services.core.execution.begin(job)
        assert order is not None
        path = tmp_path / "film.mp4"
        path.write_bytes(film)
        video = Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 64, 64, 3, 0.1)
        assert idle.services.core.execution.complete(order.job, [video])
        wanted = {"generation_id": encode_short_id("gen_", job), "timestamps": [0, 0.09]}
        late = owner.post("/characters/from-generation", wanted)
        assert late.status_code == 429, late.text


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
        ({"cameo_id": encode_id("cameo_", new_id())}, 404, "cameo_id"),
        ({"username": None}, 400, "username"),
        ({"username": "a"}, 400, "username"),
        ({"username": "bad name"}, 400, "username"),
        ({"username": 5}, 400, "username"),
        ({"display_name": "x" * 81}, 400, "display_name"),
        ({"profile_asset_pointer": "sediment://file_1"}, 404, "profile_asset_pointer"),
        ({"instruction_set": 5}, 400, "instruction_set"),
        ({"instruction_set": {"value": [5]}}, 400, "instruction_set"),
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
