"""Frames: the same request gives the same ones, and every size and idea can be drawn."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from hinode.engines.base import MediaKind, RenderSpec
from hinode.engines.preview.audio.ambience import SoundTrack
from hinode.engines.preview.drawing.planes import planes_of, to_image
from hinode.engines.preview.scene.description import describe_scene
from hinode.engines.preview.scene.scene import Scene
from hinode.engines.preview.scene.terms import CameraMove, Light, Place, Subject, Weather
from hinode.media.encode import SAMPLE_RATE

SPEC = RenderSpec(
    UUID(int=0), MediaKind.VIDEO, "a red fox in the snow", 160, 96, fps=30, frames=60, seed=7
)


def luma(spec: RenderSpec, index: int, picture: Image.Image | None = None) -> np.ndarray:
    scene = Scene(spec, describe_scene(spec.prompt, spec.seed), picture)
    return planes_of(scene.frame(index)).y.astype(np.int16)


def test_the_same_request_gives_the_same_frames() -> None:
    assert np.array_equal(luma(SPEC, 31), luma(SPEC, 31))


def test_a_frame_does_not_depend_on_those_drawn_before() -> None:
    scene = Scene(SPEC, describe_scene(SPEC.prompt, SPEC.seed), None)
    for index in range(31):
        scene.frame(index)
    assert np.array_equal(planes_of(scene.frame(31)).y, luma(SPEC, 31))


@pytest.mark.parametrize(
    "other",
    [replace(SPEC, seed=8), replace(SPEC, prompt="a city at night")],
    ids=["seed", "prompt"],
)
def test_another_request_gives_other_frames(other: RenderSpec) -> None:
    assert np.mean(np.abs(luma(SPEC, 31) - luma(other, 31))) > 1


def test_the_picture_moves() -> None:
    assert np.mean(np.abs(luma(SPEC, 0) - luma(SPEC, 45))) > 0.5


def test_the_mark_is_drawn_only_when_asked_for() -> None:
    plain = luma(SPEC, 30)
    marked = luma(replace(SPEC, watermark=True), 30)
    changed = np.mean(plain != marked)
    assert 0.001 < changed < 0.2


@pytest.mark.parametrize("size", [(64, 64), (2, 2), (16, 200), (200, 16), (130, 74), (1080, 1920)])
def test_any_even_size_can_be_drawn(size: tuple[int, int]) -> None:
    prompt = "a boat on a lake at night, fireflies, drone"
    spec = replace(SPEC, prompt=prompt, width=size[0], height=size[1], watermark=True)
    assert luma(spec, 30).shape == (size[1], size[0])


@pytest.mark.parametrize("frames", [1, 2, 5])
def test_very_short_clips_can_be_drawn(frames: int) -> None:
    spec = replace(SPEC, frames=frames)
    for index in range(frames):
        frame = luma(spec, index)
        assert frame.shape == (spec.height, spec.width)
        assert frame.std() > 1.0  # a picture, not a plain colour


@pytest.mark.parametrize("idea", [*Light, *Weather, *Place, *CameraMove, *Subject], ids=str)
def test_every_idea_can_be_drawn_without_holes(idea: Light | Weather | Place | CameraMove) -> None:
    spec = replace(SPEC, prompt=f"{idea.value.replace('_', ' ')} scene")
    scene = Scene(spec, describe_scene(spec.prompt, spec.seed), None)
    for index in (0, 59):
        frame = planes_of(scene.frame(index)).y
        # Nothing is left undrawn or drawn over the range (a new frame's memory is not black).
        assert frame.min() >= 8
        assert frame.max() <= 255


def checkered() -> Image.Image:
    rows, columns = np.mgrid[0:96, 0:160]
    pixels = np.stack((rows * 2, columns, (rows // 8 + columns // 8) % 2 * 200), axis=-1)
    return Image.fromarray(pixels.astype(np.uint8))


@pytest.mark.parametrize("move", ["", "pan left", "zoom out", "orbit", "snow, tilt up"])
def test_a_video_begins_on_the_given_picture(move: str) -> None:
    picture = checkered()
    spec = replace(SPEC, prompt=f"a toy {move}")
    scene = Scene(spec, describe_scene(spec.prompt, 1), picture)
    first = np.asarray(to_image(scene.frame(0)), dtype=np.float64)
    error = np.mean((first - np.asarray(picture, dtype=np.float64)) ** 2)
    # Only what 4:2:0 takes away from a checkered picture is lost.
    assert 10 * np.log10(255**2 / error) > 20
    later = np.asarray(to_image(scene.frame(45)), dtype=np.float64)
    assert np.mean(np.abs(later - first)) > 1


def test_sound_is_as_long_as_asked_and_never_too_loud() -> None:
    track = SoundTrack(describe_scene("storm over the sea at night", 1), 3 * SAMPLE_RATE)
    sound = track.block(0, 3 * SAMPLE_RATE)
    assert sound.shape == (3 * SAMPLE_RATE, 2)
    assert 0.05 < np.abs(sound).max() <= 0.6
    assert np.abs(sound[0]).max() < 0.01  # fades in and out
    assert np.abs(sound[-1]).max() < 0.01
    assert not np.array_equal(sound[:, 0], sound[:, 1])


def test_sound_in_blocks_is_the_same_sound() -> None:
    track = SoundTrack(describe_scene("rain", 1), 20_000)
    whole = track.block(0, 20_000)
    parts = [track.block(start, start + 5_000) for start in range(0, 20_000, 5_000)]
    assert np.array_equal(np.concatenate(parts), whole)


def test_scenes_sound_different() -> None:
    rain, hills = (
        SoundTrack(describe_scene(prompt, 1), SAMPLE_RATE).block(0, SAMPLE_RATE)
        for prompt in ("rain", "hills at noon")
    )
    assert np.mean(np.abs(rain - hills)) > 0.01
