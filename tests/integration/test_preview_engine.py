"""The preview engine with its real render process: files, progress, cancelling and dying."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import av
import numpy as np
import pytest
from PIL import Image

from hinode.engines.base import (
    Artifact,
    ArtifactRole,
    Engine,
    EngineError,
    MediaKind,
    RenderContext,
    RenderSpec,
)
from hinode.engines.preview.engine import PreviewEngine
from hinode.engines.preview.process import render_process as processes
from hinode.engines.preview.process.protocol import RenderRequest
from hinode.engines.registry import installed_engines
from hinode.kit.child_process import environment_without_settings
from hinode.kit.dataclass_json import encode
from hinode.media.probe import probe

SPEC = RenderSpec(
    UUID(int=1), MediaKind.VIDEO, "小猫在雪夜的城市 snow", 192, 108, fps=30, frames=45, seed=3
)
LONG = replace(SPEC, width=1280, height=720, frames=9000)


async def collect(
    spec: RenderSpec, folder: Path, report: Callable[[float], None] = lambda _: None
) -> list[Artifact]:
    engine = PreviewEngine()
    return await engine.collect(await engine.submit(spec), RenderContext(spec, folder, report))


def render(spec: RenderSpec, folder: Path) -> dict[ArtifactRole, Artifact]:
    folder.mkdir(exist_ok=True)
    return {item.role: item for item in asyncio.run(collect(spec, folder))}


def wait_until(happened: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.005)
    return False


def children() -> set[int]:
    """The render processes of this process."""
    pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return {pid for pid in pids if _is_render_child(pid)}


def _is_render_child(pid: int) -> bool:
    try:
        parent = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
        return (
            parent == os.getpid()
            and b"preview.process.child" in Path(f"/proc/{pid}/cmdline").read_bytes()
        )
    except (FileNotFoundError, ProcessLookupError):
        return False


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_the_engine_is_found_by_its_entry_point() -> None:
    engine = installed_engines().get("preview")
    assert isinstance(engine, Engine)
    can = engine.capabilities()
    assert can.kinds == {MediaKind.VIDEO, MediaKind.IMAGE}
    assert can.first_frame
    assert can.audio
    assert "not a generative" in can.description


def test_a_video_is_exactly_what_was_asked_for(tmp_path: Path) -> None:
    files = render(SPEC, tmp_path)
    assert set(files) == {ArtifactRole.VIDEO, ArtifactRole.THUMBNAIL, ArtifactRole.SPRITESHEET}
    video = files[ArtifactRole.VIDEO]
    facts = probe(video.path)
    assert (facts.width, facts.height, facts.frames) == (192, 108, 45)
    assert facts.duration == pytest.approx(1.5, abs=0.001)
    assert facts.audio_seconds == pytest.approx(1.5, abs=0.001)
    assert (video.width, video.height, video.frames, video.duration) == (192, 108, 45, 1.5)
    assert facts.metadata["title"] == SPEC.prompt
    assert "not made by a generative video model" in facts.metadata["comment"]


def test_thumbnail_and_sheet_can_be_opened(tmp_path: Path) -> None:
    files = render(SPEC, tmp_path)
    for role, form, size in (
        (ArtifactRole.THUMBNAIL, "WEBP", (192, 108)),
        (ArtifactRole.SPRITESHEET, "JPEG", (640, 180)),  # a tile for each begun second
    ):
        with Image.open(files[role].path) as image:
            image.load()
            assert (image.format, image.size) == (form, size)
            assert (files[role].width, files[role].height) == size


def frames_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="yuv420p") for frame in container.decode(video=0)]


def test_the_same_request_decodes_to_the_same_frames(tmp_path: Path) -> None:
    one, two = (
        frames_of(render(SPEC, tmp_path / name)[ArtifactRole.VIDEO].path) for name in ("a", "b")
    )
    assert len(one) == 45
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_outputs_differ_by_their_seed(tmp_path: Path) -> None:
    spec = replace(SPEC, prompt="somewhere", kind=MediaKind.IMAGE, outputs=2)
    items = asyncio.run(collect(spec, tmp_path))
    assert [(item.output, item.role) for item in items] == [
        (0, ArtifactRole.IMAGE),
        (0, ArtifactRole.THUMBNAIL),
        (1, ArtifactRole.IMAGE),
        (1, ArtifactRole.THUMBNAIL),
    ]
    assert items[0].content_type == "image/png"
    assert items[0].path.read_bytes() != items[2].path.read_bytes()


def test_a_video_starts_on_the_given_picture(tmp_path: Path) -> None:
    rows, columns = np.mgrid[0:216, 0:384]
    wave = np.stack((rows, columns // 2, 128 + 60 * np.sin(columns / 30)), axis=-1)
    picture = Image.fromarray(wave.astype(np.uint8))
    path = tmp_path / "first.png"
    picture.save(path)
    spec = replace(SPEC, first_frame=path, prompt="zoom in, rain")
    video = render(spec, tmp_path / "out")[ArtifactRole.VIDEO].path
    with av.open(str(video)) as container:
        first = next(container.decode(video=0)).to_ndarray(format="rgb24")
    fitted = np.asarray(picture.resize((192, 108), Image.Resampling.LANCZOS))
    error = np.mean((first.astype(float) - fitted.astype(float)) ** 2)
    assert 10 * np.log10(255**2 / error) > 35


def test_progress_goes_up_to_one(tmp_path: Path) -> None:
    seen: list[float] = []
    asyncio.run(collect(replace(SPEC, outputs=2), tmp_path, seen.append))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) > 20


def test_an_unreadable_first_frame_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "first.png"
    path.write_text("this is no picture")
    with pytest.raises(EngineError) as caught:
        render(replace(SPEC, first_frame=path), tmp_path / "out")
    assert caught.value.code == "first_frame_unreadable"


def test_cancelling_stops_the_process_within_a_second(tmp_path: Path) -> None:
    async def run() -> tuple[set[int], float]:
        begun = asyncio.Event()
        task = asyncio.create_task(collect(LONG, tmp_path, lambda _: begun.set()))
        await asyncio.wait_for(begun.wait(), 20)
        pids, start = children(), time.monotonic()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return pids, time.monotonic() - start

    pids, took = asyncio.run(run())
    assert len(pids) == 1
    assert took < 1
    assert not any(is_running(pid) for pid in pids)


def test_a_process_killed_twice_is_reported(tmp_path: Path) -> None:
    killed: set[int] = set()

    def kill(_: float) -> None:
        for pid in children() - killed:
            killed.add(pid)
            os.kill(pid, signal.SIGKILL)

    with pytest.raises(EngineError) as caught:
        asyncio.run(collect(LONG, tmp_path, kill))
    assert caught.value.code == "render_crashed"
    assert len(killed) == 2


def test_a_process_killed_once_is_tried_again(tmp_path: Path) -> None:
    killed: set[int] = set()

    def kill_first(_: float) -> None:
        if not killed:
            killed.update(children())
            os.kill(next(iter(killed)), signal.SIGKILL)

    # Big enough that the process cannot have finished when it is killed.
    spec = replace(SPEC, width=640, height=360, frames=90)
    items = asyncio.run(collect(spec, tmp_path, kill_first))
    assert probe(items[0].path).frames == 90
    assert killed


PARENT = """
import subprocess, sys
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdin.write(open(sys.argv[1], "rb").read())
child.stdin.flush()
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""


def test_the_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    order = tmp_path / "order"
    order.write_bytes(encode(RenderRequest(LONG, tmp_path)))
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(order), *processes.COMMAND], stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert is_running(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert wait_until(lambda: not is_running(pid), 2)


def test_the_process_does_not_get_the_servers_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HINODE_DATABASE", "postgresql://secret")
    assert "HINODE_DATABASE" not in environment_without_settings()
