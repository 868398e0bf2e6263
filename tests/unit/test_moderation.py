"""The gate of moderation, its wire, and the pictures that it sends."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image
from pydantic import ValidationError

from hinode.config.moderation import ModerationSettings
from hinode.media.spritesheet import make_sheet, tile_size
from hinode.media.types import Artifact, ArtifactRole, JobAction, MediaKind
from hinode.moderation.gate import ModerationGate
from hinode.moderation.http import parse_review
from hinode.moderation.pictures import pictures_of_outputs
from hinode.moderation.plugins import ModeratorMissing, load_moderator
from hinode.moderation.types import (
    ModerationFailed,
    Review,
    ReviewedContent,
    ReviewStage,
    Verdict,
)

ALLOWED = Review(Verdict.ALLOW)


def content(stage: ReviewStage) -> ReviewedContent:
    job = UUID(int=1)
    return ReviewedContent(
        stage, job, job, "sora-2", MediaKind.VIDEO, JobAction.CREATE, ("a secret prompt",)
    )


class Scripted:
    """A moderator that answers by a list; None: it hangs."""

    def __init__(self, answers: Sequence[Review | Exception | None]) -> None:
        self.answers = list(answers)

    async def review(self, content: ReviewedContent) -> Review:
        answer = self.answers.pop(0)
        if answer is None:
            await asyncio.Event().wait()
        if isinstance(answer, Exception):
            raise answer
        assert answer is not None
        return answer


def reviewed(
    answers: Sequence[Review | Exception | None],
    stage: ReviewStage = ReviewStage.CREATE,
    *,
    fails_open: bool = False,
) -> Review:
    gate = ModerationGate(
        Scripted(answers), frozenset(ReviewStage), 0.05, fails_open, pauses=(0.0, 0.0)
    )
    return asyncio.run(gate.review(content(stage)))


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (None, "no verdict within 0.05 s"),
        (ModerationFailed("status 500"), "status 500"),
        (KeyError("a secret prompt"), "KeyError in the moderator"),
    ],
)
def test_a_failure_blocks_or_passes_as_the_settings_say(
    failure: Exception | None, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ModerationFailed, match=reason):
        reviewed([failure])
    assert reviewed([failure], fails_open=True) == Review(Verdict.UNREVIEWED, reason)
    assert "secret" not in caplog.text


def test_what_packages_return_is_checked() -> None:
    by_name = Review("block", "\ud800 cut", ("a\udfff",))  # type: ignore[arg-type]

    found = reviewed([by_name])

    assert found.verdict is Verdict.BLOCK
    assert (found.reason, found.labels) == ("? cut", ("a?",))
    for wrong in (Review("no"), Review(Verdict.UNREVIEWED), "allow"):  # type: ignore[arg-type]
        with pytest.raises(ModerationFailed, match="moderator"):
            reviewed([wrong])  # type: ignore[list-item]


def test_the_review_of_a_render_is_tried_again() -> None:
    failures = [ModerationFailed("status 503"), None]

    assert reviewed([*failures, ALLOWED], ReviewStage.RENDER) == ALLOWED
    with pytest.raises(ModerationFailed):
        reviewed([*failures, ModerationFailed("x"), ALLOWED], ReviewStage.RENDER)


@pytest.mark.parametrize("verdict", ["allow", "flag", "label", "block"])
def test_verdicts_are_read(verdict: str) -> None:
    body = {"verdict": verdict, "reason": "r" * 600, "labels": ["l" * 100] * 30, "more": 1}

    found = parse_review(json.dumps(body).encode())

    assert found.verdict == verdict
    assert (len(found.reason), len(found.labels), len(found.labels[0])) == (500, 20, 60)
    assert parse_review(json.dumps({"verdict": verdict}).encode()) == Review(Verdict(verdict))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"verdict": "unreviewed"}',
        b'{"verdict": ["allow"]}',
        b'{"verdict": "allow", "labels": [1]}',
        b'{"verdict": "allow", "labels": 3}',
        b'{"verdict": "label", "labels": "violence"}',
        b'{"verdict": "label", "labels": {"violence": 1}}',
        b'{"verdict": "allow", "reason": {}}',
    ],
)
def test_other_answers_are_no_verdict(body: bytes) -> None:
    with pytest.raises(ModerationFailed, match="the answer holds no verdict"):
        parse_review(body)


@pytest.mark.parametrize(
    ("seconds", "frames", "shown"),
    [(7.5, 4, [0, 2, 5, 7]), (7.5, 1, [0]), (2.0, 4, [0, 1]), (0.3, 4, [0]), (12.0, 3, [0, 6, 11])],
)
def test_frames_are_spread_over_the_video(
    tmp_path: Path, seconds: float, frames: int, shown: list[int]
) -> None:
    size = tile_size(1280, 720)
    tiles = [Image.new("RGB", size, (20 * number, 0, 0)) for number in range(12)]
    sheet = make_sheet(tiles[: max(1, -(-int(seconds * 10) // 10))])
    sheet.save(tmp_path / "sheet.jpg")
    rendered = [
        Artifact(0, ArtifactRole.VIDEO, tmp_path / "v.mp4", "video/mp4", 1280, 720, 1, seconds),
        Artifact(0, ArtifactRole.SPRITESHEET, tmp_path / "sheet.jpg", "image/jpeg", *sheet.size),
    ]

    found = pictures_of_outputs(rendered, frames)

    assert [one.role for one in found] == ["frame"] * len(shown)
    for picture, number in zip(found, shown, strict=True):
        with Image.open(io.BytesIO(picture.jpeg)) as opened:
            assert opened.size == size
            red = opened.getpixel((100, 100))
            assert isinstance(red, tuple)
            assert abs(red[0] - 20 * number) < 8


def test_a_moderator_that_is_not_installed_is_named() -> None:
    with pytest.raises(ModeratorMissing, match=r"'mine' of the setting moderation.plugin"):
        load_moderator("mine")


@pytest.mark.parametrize(
    "given",
    [{"url": "http://a/b", "plugin": "mine"}, {"url": "ftp://a"}, {"url": "http://k@a"},
     {"stages": ()}, {"stages": ("before",)}, {"timeout_seconds": 0}, {"frames": 17}],
)  # fmt: skip
def test_settings_that_are_none(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ModerationSettings(**given)  # type: ignore[arg-type]


def test_the_secret_may_be_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODERATOR", "hush")

    assert ModerationSettings(secret_env="MODERATOR").token == "hush"
    assert "hush" not in repr(ModerationSettings(secret="hush"))  # type: ignore[arg-type]
