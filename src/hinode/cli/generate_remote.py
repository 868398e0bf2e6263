"""Render a prompt on a running server, by its OpenAI dialect."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import typer

from hinode.cli.generate_options import (
    GenerateOptions,
    ProgressBar,
    Rendered,
    fail,
    progress_bar,
    tell_ignored,
)
from hinode.kit.addresses import is_public, parse_address
from hinode.kit.proxy import Proxy
from hinode.kit.safe_fetch import default_ssl_context

_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
_RECONNECT_SECONDS = 1.0
_RECONNECT_TIMEOUT_SECONDS = 60.0
_TERMINAL_STATUSES = ("completed", "failed")


def render_remote(
    server: str, key: str | None, opts: GenerateOptions, proxy: Proxy | None
) -> Rendered:
    """Render on a server to files; exits with the server's message.

    A server on the Internet is reached through the proxy, one in the own network directly.
    """
    opts.check_output()
    if not key:
        fail("--server needs a key: give --key or HINODE_KEY; `hinode key create` makes one.")
    base = server.rstrip("/").removesuffix("/v1") + "/v1"
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(
        base_url=base,
        headers=headers,
        timeout=_TIMEOUT,
        trust_env=False,
        verify=default_ssl_context(),
        proxy=None if proxy is None or _is_near(base) else proxy.url,
    ) as client:
        try:
            video = _create(client, opts)
            # Known before it is rendered: whoever stops here finds it again by its id.
            typer.echo(f"{video['id']} is in the queue of {server}", err=True)
            with progress_bar() as bar:
                video = _wait_for_video(client, video, bar)
            files = [_download(client, video["id"], index, opts) for index in range(opts.n)]
            return Rendered(files, video["id"])
        except httpx.TransportError as error:
            fail(f"{server} cannot be reached: {error}. {remedy(error)}")


def remedy(error: httpx.TransportError) -> str:
    """Return what would do about a server that cannot be reached."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "Set SSL_CERT_FILE to the certificate of the authority that signed the server's."
    return "Is `hinode serve` running there?"


def _is_near(base: str) -> bool:
    """Return whether a URL names this machine or a private address."""
    host = urlsplit(base).hostname or ""
    try:
        return not is_public(parse_address(host))
    except ValueError:
        return host == "localhost"


def _create(client: httpx.Client, opts: GenerateOptions) -> dict[str, Any]:
    fields = {"prompt": opts.prompt} | form_fields(opts.parameters)
    images = [
        ("input_reference", opts.image),
        ("last_frame", opts.last_frame),
        *(("reference_images", path) for path in opts.reference_images),
    ]
    files = [(name, path.read_bytes()) for name, path in images if path is not None]
    # One key per request: if the connection breaks, a retry creates no second job.
    headers = {"Idempotency-Key": uuid4().hex}
    video = _read_json(client.post("/videos", data=fields, files=files or None, headers=headers))
    tell_ignored(video.get("ignored", []))
    return video


def form_fields(parameters: Mapping[str, object]) -> dict[str, str | list[str]]:
    """Return parameters as the fields of a form."""
    fields: dict[str, str | list[str]] = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in parameters.items()
    }
    characters: Any = parameters.get("characters")
    if characters:
        del fields["characters"]
        fields["characters[][id]"] = [one["id"] for one in characters]
    return fields


def _wait_for_video(
    client: httpx.Client, video: dict[str, Any], bar: ProgressBar
) -> dict[str, Any]:
    """Show progress until the job has ended; reconnect after a lost connection."""
    last_event_at = time.monotonic()
    while video["status"] not in _TERMINAL_STATUSES:
        try:
            for event in _events(client, video["id"]):
                video, last_event_at = event, time.monotonic()
                bar.show(event["progress"] / 100, str(event["status"]))
        except httpx.TransportError:
            if time.monotonic() - last_event_at > _RECONNECT_TIMEOUT_SECONDS:
                raise
            time.sleep(_RECONNECT_SECONDS)
    if video["status"] == "failed":
        fail(f"{video['error']['message']} ({video['error']['code']})")
    return video


def _events(client: httpx.Client, video_id: str) -> Iterator[dict[str, Any]]:
    with client.stream("GET", f"/videos/{video_id}/events") as response:
        if response.is_error:
            response.read()
            _read_json(response)
        for line in response.iter_lines():
            if line.startswith("data: {"):
                yield json.loads(line.removeprefix("data: "))


def _download(client: httpx.Client, video_id: str, index: int, opts: GenerateOptions) -> Path:
    target = opts.output_path(index)
    part = target.with_name(target.name + ".part")
    with client.stream("GET", f"/videos/{video_id}/content", params={"index": index}) as response:
        if response.is_error:
            response.read()
            _read_json(response)
        with part.open("wb") as file:
            for chunk in response.iter_bytes():
                file.write(chunk)
    part.replace(target)
    return target


def _read_json(response: httpx.Response) -> dict[str, Any]:
    try:
        body: dict[str, Any] = response.json()
    except ValueError:
        body = {}
    if response.is_error or "id" not in body:
        reason = body.get("error", {}).get("message") or f"answer {response.status_code}"
        fail(f"the server says: {reason}")
    return body
