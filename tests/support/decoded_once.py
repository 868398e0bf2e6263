"""Clients' files are decoded once per content: the same file and request have the same reply.

The processes that decode cost up to a third of a second each, and many tests need the same few
pictures and films.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable
from pathlib import Path

from hinode.media import clip_check, video_check
from hinode.media.decoding.decoder import DecodingLane
from hinode.media.decoding.process import decode, decode_async
from hinode.media.decoding.protocol import Rejected, Reply, Request

WRITTEN = ("image_path", "target", "thumbnail", "sheet")
"""The members of a request that name files which the process writes."""

run_in_lane = DecodingLane.run
"""What really runs a request."""
_replies: dict[str, tuple[Reply | Rejected, dict[str, bytes]]] = {}


def decode_once() -> None:
    """Let the servers of this process remember what their processes found out."""
    vars(clip_check).update(decode=_decode)
    vars(video_check).update(decode_async=_decode_async)
    DecodingLane.run = _remember_lane  # type: ignore[method-assign]


def _decode(task: str, request: Request) -> Reply:
    key = _key(task, request)
    if key not in _replies:
        try:
            _keep(key, request, decode(task, request))
        except Rejected as error:
            _keep(key, request, error)
    return _repeat(key, request)


async def _decode_async(task: str, request: Request) -> Reply:
    key = _key(task, request)
    if key not in _replies:
        try:
            _keep(key, request, await decode_async(task, request))
        except Rejected as error:
            _keep(key, request, error)
    return _repeat(key, request)


async def _remember_lane(self: DecodingLane, account: Hashable, request: Request) -> Reply:
    key = _key(self.task, request)
    if key not in _replies:
        try:
            _keep(key, request, await run_in_lane(self, account, request))
        except Rejected as error:
            _keep(key, request, error)
    return _repeat(key, request)


def _key(task: str, request: Request) -> str:
    given = dict(request)
    path = given.pop("path")
    content = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    endings = {name: Path(given[name]).suffix for name in _written(request)}
    return json.dumps([task, content, {**given, "target": None, **endings}], sort_keys=True)


def _written(request: Request) -> list[str]:
    return [name for name in WRITTEN if request.get(name) not in (None, request["path"])]


def _keep(key: str, request: Request, reply: Reply | Rejected) -> None:
    files = {
        name: Path(request[name]).read_bytes()
        for name in _written(request)
        if Path(request[name]).exists()
    }
    _replies[key] = (reply, files)


def _repeat(key: str, request: Request) -> Reply:
    reply, files = _replies[key]
    for name, content in files.items():
        Path(request[name]).write_bytes(content)
    if isinstance(reply, Rejected):
        raise reply
    return reply
