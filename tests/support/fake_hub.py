"""A model hub on loopback: model information, files with Range and ETag, and its refusals.

It speaks as Hugging Face does, and as ModelScope does, which knows files by SHA-256 only.

Large files are sent by a store, as hubs do: a redirect to the same server by another host name.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

COMMIT = "1" * 40
TOKEN = "hf_of_a_member"


@dataclass
class Repository:
    """A repository; ``cuts`` are the bytes after which sending a file breaks, once each.

    ``more`` are bytes that the store sends after a file, whose length it does not tell then;
    files that are ``unavailable`` are listed only.
    """

    files: dict[str, bytes]
    commit: str = COMMIT
    gated: bool = False
    private: bool = False
    licence: str = "apache-2.0"
    moved_to: str | None = None
    cuts: dict[str, list[int]] = field(default_factory=dict)
    knows_ranges: bool = True
    more: dict[str, int] = field(default_factory=dict)
    unavailable: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Seen:
    """A request: its path, and the headers that matter."""

    path: str
    host: str
    token: str | None
    range: str | None


class FakeHub:
    """The repositories of a hub, and the requests that it has seen.

    Files that it ``holds`` are sent to half, and no further while the hub is open.
    """

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.seen: list[Seen] = []
        self.port = 0
        self.fails_with: int | None = None
        self.holds: set[str] = set()
        self.released = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def sent(self, path: str) -> list[Seen]:
        """Return the requests for the content of a file."""
        return [one for one in self.seen if one.path.startswith("/store") and path in one.path]


@contextmanager
def fake_hub() -> Iterator[FakeHub]:
    """Serve a hub while the block runs."""
    hub = FakeHub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        hub.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: Any) -> None:
        """Keep the output of tests clean."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        path = unquote(url.path)
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None
        host = self.headers["Host"].split(":")[0]
        self.hub.seen.append(Seen(path, host, token, self.headers.get("Range")))
        if self.hub.fails_with:
            return self._answer(self.hub.fails_with)
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/revision/(.+)", path):
            return self._info(found[1], found[2], token)
        if found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            return self._resolve(found[1], found[2], found[3], token)
        if found := re.fullmatch(r"/store/([^/]+/[^/]+)/(.+)", path):
            return self._send(self.hub.repositories[found[1]], found[2])
        if found := re.fullmatch(r"/api/v1/models/([^/]+/[^/]+)(/repo|/repo/files|)", path):
            return self._modelscope(found[1], found[2], dict(parse_qsl(url.query)))
        return self._answer(404)

    def _modelscope(self, name: str, of: str, query: dict[str, str]) -> None:
        repository = self.hub.repositories.get(name)
        if repository is None or repository.private:
            return self._answer(404)
        if repository.gated:
            return self._answer(403)
        if of == "/repo":
            target = f"http://localhost:{self.hub.port}/store/{name}/{query['FilePath']}"
            return self._answer(302, location=target)
        known = query.get("Revision") in ("master", repository.commit)
        blobs = [
            {"Path": path, "Type": "blob", "Size": len(content), "Sha256": _digest(content)}
            for path, content in repository.files.items()
        ]
        trees = [{"Path": "transformer", "Type": "tree", "Size": 0}]
        listed = {"Files": [*trees, *blobs] if known else None}
        data = listed if of else {"License": repository.licence}
        return self._answer(200, body=json.dumps({"Code": 200, "Data": data}).encode())

    def _info(self, name: str, revision: str, token: str | None) -> None:
        repository = self.hub.repositories.get(name)
        if repository is None or (repository.private and token != TOKEN):
            return self._answer(401 if token is None else 404, "RepoNotFound")
        if repository.moved_to:
            target = f"/api/models/{repository.moved_to}/revision/{revision}?blobs=true"
            return self._answer(307, location=target)
        if revision not in ("main", repository.commit):
            return self._answer(404, "RevisionNotFound")
        siblings = [_sibling(path, content) for path, content in repository.files.items()]
        info = {
            "id": name,
            "sha": repository.commit,
            "gated": "auto" if repository.gated else False,
            "cardData": {"license": "other", "license_name": repository.licence},
            "siblings": siblings,
        }
        return self._answer(200, body=json.dumps(info).encode())

    def _resolve(self, name: str, commit: str, path: str, token: str | None) -> None:
        repository = self.hub.repositories[name]
        if repository.gated and token != TOKEN:
            return self._answer(401 if token is None else 403, "GatedRepo")
        held = repository.files.keys() - repository.unavailable
        if commit != repository.commit or path not in held:
            return self._answer(404, "EntryNotFound")
        return self._answer(302, location=f"http://localhost:{self.hub.port}/store/{name}/{path}")

    def _send(self, repository: Repository, path: str) -> None:
        content = repository.files[path]
        start = 0
        if repository.knows_ranges and (wanted := self.headers.get("Range")):
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        self.send_response(206 if start else 200)
        self.send_header("ETag", f'"{_digest(content)}"')
        more = repository.more.get(path, 0)
        if not more:
            self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if path in self.hub.holds:
            self.wfile.write(content[: len(content) // 2])
            self.hub.released.wait()
            self.close_connection = True
            return
        cuts = repository.cuts.get(path)
        if not cuts:
            self.close_connection = bool(more)
            with suppress(ConnectionError):
                self.wfile.write(content[start:] + bytes(more))
            return
        self.wfile.write(content[start : cuts.pop(0)])
        self.close_connection = True

    def _answer(
        self, status: int, code: str = "", *, location: str = "", body: bytes = b"{}"
    ) -> None:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _sibling(path: str, content: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {"rfilename": path, "size": len(content)}
    if path.endswith((".safetensors", ".bin")):
        large = {"sha256": _digest(content), "size": len(content), "pointerSize": 134}
        return found | {"blobId": "0" * 40, "lfs": large}
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
    return found | {"blobId": blob.hexdigest()}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
