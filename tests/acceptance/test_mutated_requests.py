"""Thousands of wrong requests to every route of each dialect: refused properly, and nothing leaks.

A few with the full tests; `make chaos` sends 100,000 to each dialect.
"""

from __future__ import annotations

import http.client
import os
import random
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from hinode.core.auth.types import DEFAULT_SCOPES, Scope
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.live import open_live
from tests.support.mutations import CANARY, WireRequest, mutated
from tests.support.sora_creation import CREATE, PICTURE
from tests.support.tasks import task_body

pytestmark = [pytest.mark.full, pytest.mark.chaos]

FULL = os.environ.get("HINODE_CHAOS") == "full"
REQUESTS = 100_000 if FULL else 1_500
GROUPS = {
    "openai": {"OpenAI"},
    "tasks": {"Tasks"},
    "sora": {"Sora"},
    "admin": {"Admin", "Operations", "Signed URLs"},
}
VIDEO = {"prompt": CANARY, "model": "sora-2", "seconds": "4", "size": "1280x720"}
CHAT = {"model": "sora-2", "messages": [{"role": "user", "content": CANARY}], "stream": False}
IMAGE = {"prompt": CANARY, "model": "sora_image", "n": 1, "size": "1024x1024"}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/videos": VIDEO,
    "/v1/chat/completions": CHAT,
    "/v1/images/generations": IMAGE,
    "/v1/images/edits": {**IMAGE, "image": "x"},
    "/v1/videos/generations": task_body(CANARY),
    "/backend/nf/create": {**CREATE, "prompt": CANARY},
    "/backend/video_gen": {**PICTURE, "prompt": CANARY},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("mutated")
    with open_live(folder, workers=True, account_max_unfinished=50) as running:
        yield running


@pytest.mark.parametrize("dialect", GROUPS)
def test_wrong_requests_are_refused_and_nothing_leaks(
    server: LiveServer, dialect: str, tmp_path: Path
) -> None:
    seeds = list(_seeds(server, GROUPS[dialect]))
    assert len(seeds) > 3
    secret = server.new_key(f"fuzzer-{dialect}", DEFAULT_SCOPES | {Scope.ADMIN})
    seed = random.SystemRandom().randrange(2**32)
    print(f"{dialect}: {REQUESTS} requests, seed {seed}")
    attacker = Attacker(server, secret, random.Random(seed))
    with capture_logs() as logs:
        for _ in range(REQUESTS):
            attacker.send(attacker.rng.choice(seeds))
    attacker.close()

    print(f"{dialect}: {dict(sorted(attacker.statuses.items()))}")
    assert attacker.statuses[200]
    assert attacker.statuses[400] + attacker.statuses[422]
    text = "\n".join(str(line) for line in logs)
    for leak in (CANARY, secret, "Traceback"):
        assert leak not in text
    assert patient.get(f"{server.url}/readyz?for=create").json()["checks"]["database"] == "ok"


def _seeds(server: LiveServer, groups: set[str]) -> Iterator[WireRequest]:
    document = patient.get(f"{server.url}/openapi.json", timeout=120).json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if operation["tags"][0].partition(":")[0] not in groups:
                continue
            body = BODIES.get(path) or _any_body(operation, document)
            if "signup" in path or "/delete_account" in path:
                continue
            yield WireRequest(method.upper(), path, body)


def _any_body(operation: Any, document: Any) -> dict[str, Any]:
    """The names of a documented body, each with a text."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        name = schema.get("$ref", "").rpartition("/")[2]
        found = document["components"]["schemas"].get(name, schema)
        return dict.fromkeys(found.get("properties", {}), CANARY)
    return {}


class Attacker:
    """One connection after the other; each answer is looked at."""

    def __init__(self, server: LiveServer, secret: str, rng: random.Random) -> None:
        self.rng = rng
        self.statuses: Counter[int] = Counter()
        address = urlsplit(server.url)
        self._address = (address.hostname or "", address.port or 0)
        self._authorization = ("authorization", f"Bearer {secret}")
        self._hidden = (secret, str(server.services.settings.data), "Traceback", "site-packages")
        self._known: list[str] = []
        self._connection: socket.socket | None = None

    def send(self, seed: WireRequest) -> None:
        """Send one mutated request and check its answer."""
        path = seed.path
        while "{" in path:
            begin, end = path.index("{"), path.index("}")
            known = self.rng.choice(self._known) if self._known else "video_1"
            path = path[:begin] + known + path[end + 1 :]
        plain = WireRequest(seed.method, path, seed.fields, headers=(self._authorization,))
        request = mutated(plain, self.rng)
        wire = request.encoded()
        status, headers, body = self._exchange(request, wire)
        self.statuses[status] += 1
        self._check(wire, status, headers, body)

    def close(self) -> None:
        if self._connection:
            self._connection.close()

    def _exchange(
        self, request: WireRequest, wire: bytes
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        reused = self._connection is not None
        connection = self._connection or socket.create_connection(self._address, timeout=60)
        self._connection = None
        try:
            connection.sendall(wire)
            answer = http.client.HTTPResponse(connection, method=request.method)
            answer.begin()
            body = answer.read()
        except (http.client.RemoteDisconnected, ConnectionError):
            connection.close()
            # A server may close a connection that was idle, so only a new one counts.
            assert reused, f"no answer to {wire[:2_000]!r}"
            return self._exchange(request, wire)
        if answer.will_close:
            connection.close()
        else:
            self._connection = connection
        return answer.status, answer.headers, body

    def _check(
        self, wire: bytes, status: int, headers: http.client.HTTPMessage, body: bytes
    ) -> None:
        sent = f"{wire[:3_000]!r} -> {status} {body[:500]!r}"
        assert status < 500 or status in (501, 503, 507), sent
        assert status not in (503, 507) or headers["retry-after"], sent
        text = body.decode("latin-1")
        # A key that the request creates is shown once, to its owner.
        assert not any(hidden in text for hidden in self._hidden), sent
        if status == 200 and text.startswith("{") and '"id"' in text:
            self._known = [*self._known, text.split('"id":"', 1)[-1].split('"', 1)[0]][-50:]
