"""The twin of a video: the same film with the visible mark on every frame, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import av
import numpy as np
import numpy.typing as npt
import pytest

from hinode.engines.base import ArtifactRole, MediaKind, RenderSpec
from hinode.engines.preview.render import render

SPEC = RenderSpec(
    UUID(int=1), MediaKind.VIDEO, "a calm grey sea", 192, 320, fps=30, frames=60, seed=3
)
MARKED = replace(SPEC, watermarked_copy=True)
Pixels = npt.NDArray[np.int16]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[ArtifactRole, Path]:
    folder = tmp_path_factory.mktemp("twin")
    return {one.role: one.path for one in render(MARKED, folder, lambda _: None)}


def luma(path: Path) -> Iterator[Pixels]:
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            yield frame.reformat(format="gray").to_ndarray().astype(np.int16)


def sound(path: Path) -> Pixels:
    with av.open(str(path)) as film:
        blocks = [frame.to_ndarray() for frame in film.decode(audio=0)]
        return np.concatenate(blocks, axis=1)


def test_every_frame_of_the_twin_has_the_mark_and_the_rest_is_the_same(
    files: dict[ArtifactRole, Path],
) -> None:
    plain, marked = (
        list(luma(files[one])) for one in (ArtifactRole.VIDEO, ArtifactRole.WATERMARKED)
    )

    assert len(plain) == len(marked) == MARKED.frames
    for clean, drawn in zip(plain, marked, strict=True):
        apart = np.abs(clean - drawn) > 24
        rows, columns = np.nonzero(apart)
        # The words are small, light, and in one place of the upper part.
        assert 10 < len(rows) < apart.size // 50
        assert rows.max() - rows.min() < MARKED.height // 8
        assert columns.max() - columns.min() < MARKED.width // 2
        assert rows.max() < MARKED.height * 0.82


def test_the_twins_sound_is_the_same(files: dict[ArtifactRole, Path]) -> None:
    assert np.array_equal(sound(files[ArtifactRole.VIDEO]), sound(files[ArtifactRole.WATERMARKED]))


def test_the_twin_changes_nothing_of_the_video_itself(
    files: dict[ArtifactRole, Path], tmp_path: Path
) -> None:
    alone = render(SPEC, tmp_path, lambda _: None)

    assert [one.role for one in alone if one.content_type == "video/mp4"] == [ArtifactRole.VIDEO]
    assert all(
        np.array_equal(one, other)
        for one, other in zip(luma(alone[0].path), luma(files[ArtifactRole.VIDEO]), strict=True)
    )


def test_a_video_that_is_marked_anyway_has_no_twin(tmp_path: Path) -> None:
    spec = replace(MARKED, watermark=True, frames=3)

    roles = [one.role for one in render(spec, tmp_path, lambda _: None)]

    assert ArtifactRole.WATERMARKED not in roles
