"""Parse the answers of ComfyUI; pure. Of its errors only the node and the message are passed on.

Its errors carry stack traces, paths, tensors and lists of the server's files besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hinode.engines.remote.errors import FailureKind, UpstreamError, error_from_response
from hinode.engines.remote.http import InvalidResponse, UpstreamResponse
from hinode.engines.remote.polling import PollError, PollResult, RemoteStatus, parse_status

OLDEST_VERSION = (0, 26)
FILES = "files"
# Core nodes name videos "images"; VHS_VideoCombine names them "gifs".
_FILE_KEYS = ("images", "gifs", "video", "videos")
_DUMP = re.compile(r"\b(?:tensor|array)\s*\(|\[\[", re.I)


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A file that a node saved, as ``/view`` names it."""

    filename: str
    subfolder: str
    type: str

    def query(self) -> dict[str, str]:
        """Return the query of ``/view``."""
        return {"filename": self.filename, "subfolder": self.subfolder, "type": self.type}


def parse_version(body: Mapping[str, Any]) -> tuple[int, ...]:
    """Return ComfyUI's version in an answer of ``/system_stats``; empty without one."""
    system = body.get("system")
    text = system.get("comfyui_version") if isinstance(system, Mapping) else None
    match = re.match(
        r"v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?", text if isinstance(text, str) else ""
    )
    return tuple(int(part) for part in match.groups() if part) if match else ()


def format_version(version: tuple[int, ...]) -> str:
    """Return a version as people write it."""
    return ".".join(map(str, version))


def check_accepted(response: UpstreamResponse, prompt_id: str, output: str) -> None:
    """Raise :class:`UpstreamError` unless the answer of ``/prompt`` takes this job whole.

    Raises :class:`InvalidResponse` for one that leaves open what was taken.
    """
    if not response.ok:
        raise error_from_rejection(response)
    body = response.json()
    if body.get("prompt_id", body.get("id")) != prompt_id:
        raise UpstreamError(
            FailureKind.SERVER_ERROR, "It took the job under another id: it is too old."
        )
    errors = body.get("node_errors")
    if isinstance(errors, Mapping) and (failing := _failing_node(errors, output)) is not None:
        # It runs whatever other outputs there are, without the one that counts.
        raise UpstreamError(FailureKind.INVALID_REQUEST, _node_error(errors, failing))


def _failing_node(errors: Mapping[str, Any], output: str) -> str | None:
    """Return the node for which an output is not made: itself, or one that it needs."""
    for node_id, found in errors.items():
        needed_by = found.get("dependent_outputs") if isinstance(found, Mapping) else None
        if node_id == output or (isinstance(needed_by, list) and output in needed_by):
            return node_id
    return None


def error_from_rejection(response: UpstreamResponse) -> UpstreamError:
    """Return the failure that an answer without a job means."""
    plain = error_from_response(response)
    try:
        body = response.json()
    except InvalidResponse:
        return plain
    if response.status != 400:
        return plain
    errors = body.get("node_errors")
    reason = ""
    if isinstance(errors, Mapping) and errors:
        reason = _node_error(errors, next(iter(errors)))
    elif isinstance(body.get("error"), Mapping):
        reason = _text(body["error"].get("message"))
    return UpstreamError(FailureKind.INVALID_REQUEST, reason, status=response.status)


def _node_error(errors: Mapping[str, Any], node_id: str) -> str:
    """Return a node's class, what is wrong, and the input; its details list files."""
    found = errors.get(node_id)
    node = found if isinstance(found, Mapping) else {}
    listed = node.get("errors")
    first = listed[0] if isinstance(listed, list) and listed else {}
    if not isinstance(first, Mapping):
        first = {}
    extra = first.get("extra_info")
    name = _text(extra.get("input_name")) if isinstance(extra, Mapping) else ""
    message = _clean(_text(first.get("message") or first.get("type")))
    where = f" ({name})" if name else ""
    return f"{_text(node.get('class_type')) or 'A node'}: {message or 'not valid'}{where}"


def parse_job(response: UpstreamResponse, prompt_id: str, output: str) -> PollResult | None:
    """Return the result of a poll; None when ComfyUI does not know the job.

    Raises :class:`PollError` for what is no job.
    """
    if response.status == 404:
        return None
    if not response.ok:
        transient = response.status >= 500 or response.status in (408, 409, 425, 429)
        raise PollError(error_from_response(response), serious=not transient)
    try:
        body = response.json()
    except InvalidResponse as error:
        failure = UpstreamError(FailureKind.SERVER_ERROR, str(error))
        raise PollError(failure, serious=True) from error
    status = parse_status(body.get("status"))
    if status is None or body.get("id") != prompt_id:
        failure = UpstreamError(FailureKind.SERVER_ERROR, "It sent no job.")
        raise PollError(failure, serious=True)
    failed = execution_error(body) if status is RemoteStatus.FAILED else None
    files = output_files(body, output) if status is RemoteStatus.COMPLETED else []
    return PollResult(status, failure=failed, details={FILES: files})


def execution_error(body: Mapping[str, Any]) -> UpstreamError:
    """Return the failure that a job of ComfyUI reports."""
    found = body.get("execution_error")
    error = found if isinstance(found, Mapping) else {}
    node = _text(error.get("node_type"))
    message = _clean(_text(error.get("exception_message")))
    return UpstreamError(FailureKind.RENDER_FAILED, ": ".join(filter(None, (node, message))))


def _clean(message: str) -> str:
    """Return the first line of a message, up to where it shows a tensor."""
    lines = message.strip().splitlines()
    return _DUMP.split(lines[0], maxsplit=1)[0].strip(" :,(") if lines else ""


def output_files(body: Mapping[str, Any], output: str) -> list[SavedFile]:
    """Return the files that a job's output node saved, those that are kept first."""
    outputs = body.get("outputs")
    node = outputs.get(output) if isinstance(outputs, Mapping) else None
    found = list(_files(node)) if isinstance(node, Mapping) else []
    return sorted(found, key=lambda one: one.type != "output")


def _files(node: Mapping[str, Any]) -> Iterator[SavedFile]:
    for key in _FILE_KEYS:
        listed = node.get(key)
        for one in listed if isinstance(listed, list) else []:
            if isinstance(one, Mapping) and isinstance(one.get("filename"), str):
                subfolder, kind = _text(one.get("subfolder")), _text(one.get("type"))
                yield SavedFile(one["filename"], subfolder, kind or "output")


def optional_inputs(info: Mapping[str, Any], class_type: str) -> frozenset[str] | None:
    """Return the optional inputs of a class in an answer of ``/object_info``; None: no such."""
    found = info.get(class_type)
    if not isinstance(found, Mapping):
        return None
    declared = found.get("input")
    optional = declared.get("optional") if isinstance(declared, Mapping) else None
    return frozenset(optional) if isinstance(optional, Mapping) else frozenset()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
