"""Answers of ComfyUI: what they mean, and what of its errors is passed on."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from hinode.engines.comfyui.graph import Node
from hinode.engines.comfyui.progress import ProgressFeed
from hinode.engines.comfyui.responses import (
    SavedFile,
    check_accepted,
    output_files,
    parse_job,
    parse_version,
)
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.remote.http import InvalidResponse, UpstreamResponse
from hinode.engines.remote.polling import PollError, RemoteStatus

ID = "0199e0c2-0000-7000-8000-000000000001"


def answer(body: Any, status: int = 200) -> UpstreamResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return UpstreamResponse(status, httpx.Headers(), data)


def rejection(class_type: str, **error: Any) -> dict[str, Any]:
    return {"6": {"class_type": class_type, "dependent_outputs": ["58"], "errors": [error]}}


@pytest.mark.parametrize(
    ("text", "version"),
    [("0.27.0", (0, 27, 0)), ("v0.26", (0, 26)), ("nightly", ()), (None, ())],
)
def test_versions_are_read(text: Any, version: tuple[int, ...]) -> None:
    assert parse_version({"system": {"comfyui_version": text}}) == version


def test_a_job_that_was_taken_whole_is_accepted() -> None:
    other = {"60": {"class_type": "SaveImage", "errors": [], "dependent_outputs": ["60"]}}
    check_accepted(answer({"prompt_id": ID, "node_errors": {}}), ID, "58")
    check_accepted(answer({"prompt_id": ID, "node_errors": other}), ID, "58")
    check_accepted(answer({"id": ID, "status": "pending"}), ID, "58")


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (
            400,
            {
                "error": {"type": "prompt_outputs_failed_validation", "message": "failed"},
                "node_errors": rejection(
                    "UNETLoader",
                    type="value_not_in_list",
                    message="Value not in list",
                    details="unet_name: 'a.safetensors' not in ['secret.safetensors']",
                    extra_info={"input_name": "unet_name"},
                ),
            },
            "refuses this request: UNETLoader: Value not in list (unet_name)",
        ),
        (
            400,
            {"error": {"message": "Cannot execute because node Foo does not exist."}},
            "refuses this request: Cannot execute because node Foo does not exist.",
        ),
        (
            200,
            {"prompt_id": ID, "node_errors": rejection("KSampler", message="Bad linked input")},
            "refuses this request: KSampler: Bad linked input",
        ),
        (200, {"prompt_id": "another", "node_errors": {}}, "took the job under another id"),
        (500, b"500 Internal Server Error", "does not work properly"),
        (401, b"Unauthorized", "does not accept the operator's key"),
        (429, b"", "no room now"),
    ],
)
def test_a_rejection_tells_the_node_and_no_list_of_files(
    status: int, body: Any, reason: str
) -> None:
    with pytest.raises(UpstreamError) as caught:
        check_accepted(answer(body, status), ID, "58")
    assert reason in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_page_in_place_of_an_answer_leaves_it_open() -> None:
    with pytest.raises(InvalidResponse, match="a web page"):
        check_accepted(answer(b"<!doctype html>"), ID, "58")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("pending", RemoteStatus.QUEUED),
        ("in_progress", RemoteStatus.RUNNING),
        ("completed", RemoteStatus.COMPLETED),
        ("cancelled", RemoteStatus.CANCELED),
    ],
)
def test_statuses_are_read(word: str, status: RemoteStatus) -> None:
    found = parse_job(answer({"id": ID, "status": word}), ID, "58")
    assert found is not None
    assert found.status is status


def test_an_unknown_job_is_told_apart_from_trouble() -> None:
    assert parse_job(answer({"error": "Job not found"}, 404), ID, "58") is None
    for status, serious in ((502, False), (429, False), (401, True)):
        with pytest.raises(PollError) as caught:
            parse_job(answer(b"", status), ID, "58")
        assert caught.value.serious is serious
    for body in (b"<html>", {"status": "pending"}, {"id": ID, "status": "what"}):
        with pytest.raises(PollError) as caught:
            parse_job(answer(body), ID, "58")
        assert caught.value.serious


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            {
                "node_type": "KSampler",
                "exception_message": "Allocation failed for /srv/models/wan.safetensors: "
                "tensor([[1.0]])\nmore lines",
                "traceback": ["Traceback"],
                "current_inputs": {"text": ["a private prompt"]},
            },
            "could not make this: KSampler: Allocation failed for …",
        ),
        ({"node_type": "VAEDecode", "exception_message": "  "}, "could not make this: VAEDecode"),
        ({}, "could not make this."),
        (None, "could not make this."),
    ],
)
def test_a_failure_tells_the_node_and_the_message_only(error: Any, reason: str) -> None:
    body = {"id": ID, "status": "failed", "execution_error": error}
    found = parse_job(answer(body), ID, "58")
    assert found is not None
    assert found.failure is not None
    assert found.failure.failure_kind is FailureKind.RENDER_FAILED
    assert str(found.failure).endswith(reason)


def test_files_of_core_nodes_and_of_vhs_are_found() -> None:
    core = {"58": {"images": [{"filename": "a.mp4", "subfolder": "x", "type": "output"}],
                   "animated": [True]}}  # fmt: skip
    vhs = {"58": {"gifs": [{"filename": "t.mp4", "type": "temp"}, {"filename": "b.mp4"}]}}
    assert output_files({"outputs": core}, "58") == [SavedFile("a.mp4", "x", "output")]
    assert [one.filename for one in output_files({"outputs": vhs}, "58")] == ["b.mp4", "t.mp4"]
    for body in ({}, {"outputs": {"58": {"images": [None, {"filename": 5}], "gifs": "x"}}}):
        assert output_files(body, "58") == []


GRAPH = {
    "1": Node("UNETLoader", {}),
    "2": Node("KSampler", {"latent_image": ["1", 0]}),
    "3": Node("KSamplerSelect", {"sampler_name": "euler"}),
}


def message(kind: str, run: str = ID, **data: Any) -> str:
    return json.dumps({"type": kind, "data": {"prompt_id": run, **data}})


@pytest.mark.parametrize(
    "odd",
    [b"\x00\x00\x00\x01jpeg", "no json", "[]", '{"type": "status", "data": {}}', "{}"],
)
def test_odd_messages_are_ignored(odd: str | bytes) -> None:
    feed = ProgressFeed()
    feed.expect(ID, GRAPH)
    feed.take(odd)
    feed.take(message("progress_state", "another", nodes={"2": {"state": "finished"}}))
    feed.take(message("progress_state", nodes={"2": None, "x": {"value": "1", "max": None}}))
    assert feed.progress(ID) == 0.0
    assert not feed.ended.is_set()


def test_progress_is_that_of_the_sampler_most_of_all() -> None:
    feed = ProgressFeed()
    feed.expect(ID, GRAPH)
    done = {"value": 1, "max": 1, "state": "finished"}
    half = {"value": 10, "max": 20, "state": "running"}
    feed.take(message("progress_state", nodes={"1": done}))
    assert feed.progress(ID) == pytest.approx(1 / 22)
    feed.take(message("progress_state", nodes={"1": done, "2": half}))
    assert feed.progress(ID) == pytest.approx(11 / 22)
    feed.take(message("execution_success"))
    assert feed.ended.is_set()
