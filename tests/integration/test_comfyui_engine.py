"""The engine for ComfyUI before a stand-in that restarts, forgets, crosses and breaks.

Of each job the run that counts is made once, whatever happens in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.responses import HTMLResponse, PlainTextResponse

from hinode.engines.base import (
    Artifact,
    ArtifactRole,
    EngineError,
    MediaKind,
    OutputFormat,
    RenderContext,
    RenderParameters,
    RenderSpec,
    Ticket,
)
from hinode.engines.comfyui.engine import ComfyUIEngine
from hinode.engines.remote.errors import UpstreamError
from hinode.kit.ids import new_id
from hinode.media.probe import probe
from tests.support.comfyui import PICTURE, PICTURE_SETTINGS, WAN, WAN_SETTINGS, engine_of
from tests.support.upstreams.comfyui import ComfyUI, Fault, Served, served

TIMEOUT = 60.0
BAD_GATEWAY = PlainTextResponse("<html>Bad Gateway</html>", 502)
LOGIN = HTMLResponse("<!doctype html><title>Log in</title>")
BUSY = PlainTextResponse("busy", 429, {"retry-after": "0"})
BROKEN = PlainTextResponse("Internal Server Error", 500)


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Served]:
    with served(ComfyUI(tmp_path / "comfyui")) as running:
        yield running


@pytest.fixture
def comfyui(there: Served) -> ComfyUI:
    return there.comfyui


@pytest.fixture
def engine(there: Served, tmp_path: Path) -> ComfyUIEngine:
    return engine_of(tmp_path, there.url)


def spec_of(prompt: str = "a boat", model: str = "core", **more: Any) -> RenderSpec:
    given = {"width": 64, "height": 64, "fps": 10, "frames": 20, "seed": 7, **more}
    return RenderSpec(
        job_id=new_id(), prompt=prompt, model=model, **{"kind": MediaKind.VIDEO, **given}
    )


async def collected(
    engine: ComfyUIEngine,
    ticket: Ticket,
    spec: RenderSpec,
    folder: Path,
    report: Callable[[float], None] = lambda _: None,
) -> list[Artifact]:
    work = folder / "work"
    work.mkdir(exist_ok=True)
    async with asyncio.timeout(TIMEOUT):
        return await engine.collect(ticket, RenderContext(spec, work, report))


async def rendered(engine: ComfyUIEngine, spec: RenderSpec, folder: Path) -> list[Artifact]:
    return await collected(engine, await engine.submit(spec), spec, folder)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT):
        while not true():  # noqa: ASYNC110 - of another thread
            await asyncio.sleep(0.005)


def only(files: list[Artifact], role: ArtifactRole = ArtifactRole.VIDEO) -> Artifact:
    (found,) = [one for one in files if one.role is role]
    return found


def test_a_film_is_measured_and_reported_by_websocket(
    engine: ComfyUIEngine, comfyui: ComfyUI, tmp_path: Path
) -> None:
    comfyui.step_seconds = 0.3  # several looks at one run
    spec, reports = spec_of("a boat", "wan", fps=24, frames=41), list[float]()

    async def run() -> list[Artifact]:
        return await collected(engine, await engine.submit(spec), spec, tmp_path, reports.append)

    video = only(asyncio.run(run()))
    assert (video.frames, video.width, probe(video.path).frames) == (41, 64, 41)
    assert any(0.1 < one < 0.9 for one in reports)
    assert comfyui.connections >= 1
    (posted,) = comfyui.posted
    assert posted["client_id"] == posted["prompt_id"] == str(spec.job_id)


def test_each_workflow_is_a_model_with_capabilities_of_its_own(engine: ComfyUIEngine) -> None:
    declared = engine.capabilities()
    assert declared.kinds == {MediaKind.VIDEO, MediaKind.IMAGE}
    assert not declared.hosted
    wan, core, picture = (declared.models[one] for one in ("wan", "core", "picture"))
    assert (wan.first_frame, core.first_frame) == (True, False)
    assert (set(wan.extra_params), set(core.extra_params)) == ({"steps"}, set())
    assert picture.kinds == {MediaKind.IMAGE}


def test_without_a_websocket_the_status_is_enough(
    engine: ComfyUIEngine, comfyui: ComfyUI, tmp_path: Path
) -> None:
    comfyui.has_sockets = False
    assert only(asyncio.run(rendered(engine, spec_of(), tmp_path))).frames == 20


def test_several_outputs_are_runs_with_seeds_of_their_own(
    engine: ComfyUIEngine, comfyui: ComfyUI, tmp_path: Path
) -> None:
    files = asyncio.run(rendered(engine, spec_of("a boat", "wan", outputs=2), tmp_path))

    videos = [one for one in files if one.role is ArtifactRole.VIDEO]
    assert [one.output for one in videos] == [0, 1]
    assert [one["prompt"]["3"]["inputs"]["seed"] for one in comfyui.posted] == [7, 8]
    assert len(comfyui.files()) == 2


@pytest.mark.parametrize("form", list(OutputFormat))
def test_a_picture_has_the_format_that_was_asked_for_and_no_workflow_in_it(
    engine: ComfyUIEngine, tmp_path: Path, form: OutputFormat
) -> None:
    spec = spec_of(
        "a private prompt", "picture", kind=MediaKind.IMAGE, fps=1, frames=1, picture_format=form
    )
    image = only(asyncio.run(rendered(engine, spec, tmp_path)), ArtifactRole.IMAGE)

    assert image.content_type == f"image/{form.value}"
    assert b"private" not in image.path.read_bytes()
    with Image.open(image.path) as picture:
        assert picture.size == (image.width, image.height) == (64, 64)


def test_the_films_of_vhs_are_found(there: Served, comfyui: ComfyUI, tmp_path: Path) -> None:
    graph = {
        **{key: PICTURE[key] for key in ("1", "2")},
        "3": {
            "class_type": "VHS_VideoCombine",
            "inputs": {
                "images": ["2", 0], "frame_rate": 10, "filename_prefix": "x", "save_output": False,
            },
        },
    }  # fmt: skip
    engine = engine_of(tmp_path, there.url, workflows_more={"vhs": (graph, PICTURE_SETTINGS)})
    asyncio.run(rendered(engine, spec_of(model="vhs"), tmp_path))
    (posted,) = comfyui.posted
    assert posted["prompt"]["3"]["inputs"]["save_output"] is True


def test_a_first_frame_is_uploaded_in_the_size_of_the_video(
    engine: ComfyUIEngine, comfyui: ComfyUI, tmp_path: Path
) -> None:
    picture = tmp_path / "first.png"
    Image.new("RGB", (90, 70)).save(picture)
    spec = spec_of("a boat", "wan", first_frame=picture)
    asyncio.run(rendered(engine, spec, tmp_path))

    name = comfyui.posted[0]["prompt"]["56"]["inputs"]["image"]
    assert name == f"hinode/{spec.job_id}-first-frame.png"
    with Image.open(comfyui.folder / "input" / name) as stored:
        assert stored.size == (64, 64)


def test_a_workflow_without_a_place_for_a_picture_makes_nothing(
    engine: ComfyUIEngine, comfyui: ComfyUI, tmp_path: Path
) -> None:
    picture = tmp_path / "first.png"
    Image.new("RGB", (64, 64)).save(picture)
    with pytest.raises(UpstreamError, match="takes no first frame"):
        asyncio.run(engine.submit(spec_of(first_frame=picture)))
    assert comfyui.posted == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault(BAD_GATEWAY, after=True),
        Fault(LOGIN, after=True),
        Fault(BROKEN, after=True),
        Fault(BUSY),
        Fault(BROKEN),
    ],
    ids=["lost answer", "page for an answer", "broken answer", "busy", "broken"],
)
def test_a_submit_without_an_answer_is_made_once(
    engine: ComfyUIEngine, comfyui: ComfyUI, tmp_path: Path, fault: Fault
) -> None:
    comfyui.once["prompt"] = [fault]
    spec = spec_of()
    assert only(asyncio.run(rendered(engine, spec, tmp_path))).frames == 20
    assert comfyui.rendered == [str(spec.job_id)]
    assert len(comfyui.posted) == 1


def test_a_second_submit_of_a_job_finds_the_first(
    engine: ComfyUIEngine, comfyui: ComfyUI, tmp_path: Path
) -> None:
    spec = spec_of()

    async def run() -> None:
        await engine.submit(spec)
        await rendered(engine, spec, tmp_path)

    asyncio.run(run())
    assert len(comfyui.posted) == 1


def test_two_submits_that_cross_render_once(
    engine: ComfyUIEngine, comfyui: ComfyUI, tmp_path: Path
) -> None:
    """A look that came too early finds nothing: the second run is taken from the cache."""
    comfyui.hidden_looks = 1
    spec = spec_of()

    async def run() -> list[Artifact]:
        await engine.submit(spec)
        await until(lambda: str(spec.job_id) in comfyui.history)
        return await rendered(engine, spec, tmp_path)

    assert only(asyncio.run(run())).frames == 20
    assert len(comfyui.posted) == 2
    assert comfyui.rendered == [str(spec.job_id)]


def test_a_status_that_comes_late_is_waited_for(
    engine: ComfyUIEngine, comfyui: ComfyUI, tmp_path: Path
) -> None:
    comfyui.hidden_looks = 1
    asyncio.run(rendered(engine, spec_of(), tmp_path))
    assert len(comfyui.posted) == 1


@pytest.mark.parametrize("model", ["core", "picture"])
def test_after_a_restart_a_finished_file_is_taken(
    engine: ComfyUIEngine, comfyui: ComfyUI, tmp_path: Path, model: str
) -> None:
    kind = MediaKind.IMAGE if model == "picture" else MediaKind.VIDEO
    spec = spec_of(model=model, kind=kind)

    async def run() -> list[Artifact]:
        ticket = await engine.submit(spec)
        await until(lambda: str(spec.job_id) in comfyui.history)
        comfyui.restart()
        return await collected(engine, ticket, spec, tmp_path)

    assert len(asyncio.run(run())) >= 2
    assert len(comfyui.posted) == 1


@pytest.mark.parametrize("half_written", [False, True])
def test_after_a_restart_a_lost_job_is_sent_again(
    engine: ComfyUIEngine, comfyui: ComfyUI, tmp_path: Path, half_written: bool
) -> None:
    comfyui.step_seconds = 60.0
    spec = spec_of()

    async def run() -> list[Artifact]:
        ticket = await engine.submit(spec)
        await until(lambda: comfyui.running is not None)
        comfyui.restart()
        comfyui.step_seconds = 0.01
        if half_written:
            folder = comfyui.folder / "output" / "hinode"
            folder.mkdir(parents=True)
            (folder / f"{spec.job_id}_00001_.mp4").write_bytes(b"\0\0\0 ftypisom" + b"\0" * 999)
        return await collected(engine, ticket, spec, tmp_path)

    assert only(asyncio.run(run())).frames == 20
    assert comfyui.rendered == [str(spec.job_id)]
    first, second = comfyui.posted
    assert first == second


def test_a_job_that_is_lost_again_and_again_is_given_up(
    engine: ComfyUIEngine, comfyui: ComfyUI, tmp_path: Path
) -> None:
    comfyui.hidden_looks = 10**6
    comfyui.step_seconds = 60.0
    with pytest.raises(UpstreamError, match="has lost the job"):
        asyncio.run(rendered(engine, spec_of(), tmp_path))
    assert len(comfyui.posted) == 3


def test_a_result_whose_file_is_gone_is_told(
    engine: ComfyUIEngine, comfyui: ComfyUI, tmp_path: Path
) -> None:
    spec = spec_of()

    async def run() -> None:
        ticket = await engine.submit(spec)
        await until(lambda: str(spec.job_id) in comfyui.history)
        for file in comfyui.files():
            file.unlink()
        await collected(engine, ticket, spec, tmp_path)

    with pytest.raises(UpstreamError, match="SaveVideo ended without a file"):
        asyncio.run(run())


@pytest.mark.parametrize("name", ["film.webm", f"film.{'x' * 400}", "../film"])
def test_a_file_that_is_no_mp4_is_not_taken(
    engine: ComfyUIEngine, comfyui: ComfyUI, tmp_path: Path, name: str
) -> None:
    spec = spec_of()
    shown = {"filename": name, "subfolder": "hinode", "type": "output"}
    ended = {"status": "completed", "outputs": {"4": {"images": [shown]}}}
    comfyui.history[str(spec.job_id)] = ended
    with pytest.raises(UpstreamError, match="saves no MP4"):
        asyncio.run(rendered(engine, spec, tmp_path))


@pytest.mark.parametrize("fault", [BAD_GATEWAY, BUSY, BROKEN, LOGIN])
@pytest.mark.parametrize("route", ["job", "view"])
def test_trouble_that_passes_is_waited_for(
    engine: ComfyUIEngine, comfyui: ComfyUI, tmp_path: Path, route: str, fault: Any
) -> None:
    spec = spec_of()

    async def run() -> list[Artifact]:
        ticket = await engine.submit(spec)
        comfyui.once[route] = [Fault(fault)]
        return await collected(engine, ticket, spec, tmp_path)

    assert only(asyncio.run(run())).frames == 20


def test_a_failure_names_the_node_and_nothing_of_the_server(
    engine: ComfyUIEngine, tmp_path: Path
) -> None:
    with pytest.raises(UpstreamError) as caught:
        asyncio.run(rendered(engine, spec_of("[fail] private"), tmp_path))
    assert "KSampler: Allocation on device 0 failed" in str(caught.value)
    for secret in ("/srv", "tensor", "Traceback", "private"):
        assert secret not in str(caught.value)


def test_an_output_that_is_refused_takes_the_others_back(
    engine: ComfyUIEngine, comfyui: ComfyUI
) -> None:
    comfyui.once["prompt"] = [Fault(BAD_GATEWAY, after=True), *[Fault(BUSY)] * 9]
    comfyui.step_seconds = 60.0
    with pytest.raises(UpstreamError):
        asyncio.run(engine.submit(spec_of(outputs=2)))
    assert comfyui.pending == []


def test_a_refused_workflow_names_the_node(engine: ComfyUIEngine, comfyui: ComfyUI) -> None:
    with pytest.raises(UpstreamError, match=r"EmptyImage: Value smaller than min \(width\)"):
        asyncio.run(engine.submit(spec_of(width=8)))
    assert comfyui.posted == []


@pytest.mark.parametrize("waits", [False, True])
def test_a_cancel_waits_until_the_work_has_stopped(
    engine: ComfyUIEngine, comfyui: ComfyUI, waits: bool
) -> None:
    comfyui.stop_steps = 20

    async def run() -> None:
        first = await engine.submit(spec_of("[stall]"))
        await until(lambda: comfyui.running is not None)
        if waits:
            second = await engine.submit(spec_of("[stall] second"))
            await engine.cancel(second)
            assert (comfyui.pending, comfyui.running is None) == ([], False)
        await engine.cancel(first)

    asyncio.run(run())
    assert comfyui.running is None
    assert comfyui.rendered == []


def test_a_cancel_after_the_end_keeps_the_file(engine: ComfyUIEngine, comfyui: ComfyUI) -> None:
    spec = spec_of()

    async def run() -> None:
        ticket = await engine.submit(spec)
        await until(lambda: str(spec.job_id) in comfyui.history)
        await engine.cancel(ticket)

    asyncio.run(run())
    assert len(comfyui.files()) == 1


def test_an_old_server_is_given_no_job(engine: ComfyUIEngine, comfyui: ComfyUI) -> None:
    comfyui.version = "0.25.1"
    with pytest.raises(EngineError, match=r"0\.26 or newer is needed") as caught:
        asyncio.run(engine.submit(spec_of()))
    assert caught.value.not_accepted
    assert comfyui.posted == []
    comfyui.version = "0.26.0"
    asyncio.run(engine.submit(spec_of()))  # it was updated meanwhile


def test_headers_of_the_environment_pass_a_proxy_before_it(
    there: Served, comfyui: ComfyUI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    comfyui.headers = {"x-proxy-key": "open sesame"}
    headers = {"X-Proxy-Key": {"env": "COMFY_KEY"}}
    with pytest.raises(EngineError, match="the environment has no COMFY_KEY"):
        engine_of(tmp_path, there.url, headers=headers)
    monkeypatch.setenv("COMFY_KEY", "wrong")
    with pytest.raises(UpstreamError, match="does not accept the operator's key"):
        asyncio.run(engine_of(tmp_path, there.url, headers=headers).submit(spec_of()))
    monkeypatch.setenv("COMFY_KEY", "open sesame")
    engine = engine_of(tmp_path, there.url, headers=headers)
    comfyui.step_seconds = 0.2
    asyncio.run(rendered(engine, spec_of(), tmp_path))
    assert comfyui.connections >= 1


def test_a_model_without_a_workflow_is_the_operators_to_correct(engine: ComfyUIEngine) -> None:
    with pytest.raises(EngineError, match="must set its upstream to one of: core, wan, picture"):
        asyncio.run(engine.submit(replace(spec_of(), model=None)))


def test_parameters_out_of_bounds_make_nothing(engine: ComfyUIEngine, comfyui: ComfyUI) -> None:
    wild = RenderParameters(extra_params={"steps": 9000})
    with pytest.raises(UpstreamError, match=r"extra_params\.steps must be at most 50"):
        asyncio.run(engine.submit(spec_of(model="wan", parameters=wild)))
    assert comfyui.posted == []


def test_settings_that_cannot_be_used_name_the_engine_and_the_file(tmp_path: Path) -> None:
    broken = {**WAN_SETTINGS, "output": "1000"}
    with pytest.raises(EngineError, match=r"'studio'.*broken\.json: There is no node 1000"):
        engine_of(tmp_path, "http://127.0.0.1:9", workflows_more={"broken": (WAN, broken)})
