"""One Hinode before another, by the Sora dialect and accounts there, as real processes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hinode.media.probe import probe
from tests.support.pictures import png_bytes
from tests.support.sora_pair import PEOPLE, Pair, open_pair, until

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    made = open_pair(tmp_path_factory.mktemp("pair"))
    yield made
    made.front.stop()
    made.back.stop()


def test_text_becomes_a_video(pair: Pair, tmp_path: Path) -> None:
    video_id = pair.create("a fox in the snow")
    video = pair.ended(video_id)
    assert video["status"] == "completed", video
    film = tmp_path / "film.mp4"
    film.write_bytes(pair.ask("GET", f"/videos/{video_id}/content").content)
    assert probe(film).frames == 3
    for variant, kind in (("thumbnail", "image/webp"), ("spritesheet", "image/jpeg")):
        answer = pair.ask("GET", f"/videos/{video_id}/content?variant={variant}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


def test_a_picture_is_the_first_frame(pair: Pair) -> None:
    picture = {"input_reference": ("first.png", png_bytes(300, 200), "image/png")}
    video = pair.ended(pair.create("it moves", files=picture))
    assert video["status"] == "completed", video


def test_pictures_are_made_there_too(pair: Pair) -> None:
    body = {"prompt": "a red boat", "response_format": "b64_json"}
    answer = pair.ask("POST", "/images/generations", json=body)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["data"]) == 1


def test_a_remix_starts_from_the_video_there(pair: Pair) -> None:
    first = pair.create("a boat")
    assert pair.ended(first)["status"] == "completed"
    answer = pair.ask("POST", f"/videos/{first}/remix", json={"prompt": "at night"})
    remix = pair.ended(answer.json()["id"])
    assert remix["status"] == "completed", remix


def test_a_failure_is_told_and_costs_nothing(pair: Pair) -> None:
    video = pair.ended(pair.create("[fail] please"))
    assert video["status"] == "failed"
    assert video["error"]["code"] == "upstream_failed", video
    assert "told to fail" in video["error"]["message"]


def test_the_accounts_share_the_jobs_and_their_tokens_show_nowhere(pair: Pair) -> None:
    before = {person: len(pair.there(person)) for person in PEOPLE}
    for video in [pair.create(f"share {number}") for number in range(6)]:
        assert pair.ended(video)["status"] == "completed"
    assert [len(pair.there(person)) - before[person] for person in PEOPLE] == [3, 3]
    table = pair.account("list")
    assert table.count("team") == 2
    assert table.count("ready") == 2
    told = table + pair.front.log.read_text()
    stored = b"".join(one.read_bytes() for one in pair.front.data.glob("hinode.db*"))
    export = pair.account("export", "back", "--with-tokens")
    tokens = re.findall(r'"(?:access|session|refresh)_token": "([^"]+)"', export)
    assert len(tokens) == 4  # each account has an access token and what renews it
    for token in tokens:
        assert token not in told
        assert token.encode() not in stored


@pytest.mark.parametrize("side", ["front", "back"])
def test_a_kill_in_the_middle_loses_and_doubles_nothing(pair: Pair, side: str) -> None:
    before = pair.made_there()
    made = [pair.create(f"survivor {number}") for number in range(4)]
    until(lambda: pair.made_there() == before + 4)
    process = pair.front if side == "front" else pair.back
    process.kill()
    process.start()
    ended = [pair.ended(one) for one in made]
    # A request whose answer the kill has cut off is not sent again: the job fails and says so.
    uncertain = [one for one in ended if one["status"] == "failed"]
    assert {one["error"]["code"] for one in uncertain} <= {"upstream_uncertain"}, uncertain
    assert len(uncertain) <= 1, uncertain
    assert pair.made_there() == before + 4
