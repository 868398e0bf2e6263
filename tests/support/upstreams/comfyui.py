"""A stand-in of ComfyUI that behaves as 0.27 does, over real HTTP and WebSocket.

A text with ``[fail]`` fails while it renders, one with ``[stall]`` never ends. Its queue, its
history and its cache are in memory, its files in a folder.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.support.upstreams.comfyui_nodes import CLASSES, Graph, needed, problems, save, texts

Handler = Callable[[Request], Awaitable[Response]]

STEPS = 4
MESSAGE = (
    "Allocation on device 0 failed for /srv/models/wan.safetensors tensor([[0.1, 0.2]])\n"
    "This error means you ran out of memory on your GPU."
)
TRACE = ["Traceback (most recent call last):\n", '  File "/srv/ComfyUI/execution.py", line 510\n']


@dataclass
class Prompt:
    """A run: ``graph`` and whose it is."""

    id: str
    graph: Graph
    client_id: str | None
    number: int
    outputs: list[str]
    stopped: bool = False


@dataclass(frozen=True)
class Fault:
    """An answer in place of the right one; ``after`` the request had its effect."""

    answer: Response
    after: bool = False


@dataclass
class ComfyUI:
    """The server. ``once`` has faults of the next answers, by route.

    ``hidden_looks``: so many looks at each new job find nothing. ``stop_steps``: so many steps are
    still done after a cancel. ``headers`` are required, as a proxy before it does.
    """

    folder: Path
    version: str = "0.27.0"
    step_seconds: float = 0.01
    stop_steps: int = 0
    hidden_looks: int = 0
    has_sockets: bool = True
    headers: dict[str, str] = field(default_factory=dict)
    once: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    pending: list[Prompt] = field(default_factory=list)
    running: Prompt | None = None
    history: dict[str, dict[str, Any]] = field(default_factory=dict)
    sockets: dict[str, WebSocket] = field(default_factory=dict)
    cache: dict[str, dict[str, Any]] = field(default_factory=dict)
    posted: list[dict[str, Any]] = field(default_factory=list)
    rendered: list[str] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    looks: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    connections: int = 0

    @property
    def app(self) -> Starlette:
        def route(
            path: str, handler: Callable[[Request], Awaitable[Response]], name: str, method: str
        ) -> Route:
            return Route(path, self._faulty(handler, name), methods=[method])

        return Starlette(
            routes=[
                route("/system_stats", self._stats, "stats", "GET"),
                route("/object_info/{name}", self._class, "class", "GET"),
                route("/prompt", self._prompt, "prompt", "POST"),
                route("/api/jobs/{id}", self._job, "job", "GET"),
                route("/api/jobs/{id}/cancel", self._cancel, "cancel", "POST"),
                route("/upload/image", self._upload, "upload", "POST"),
                route("/view", self._view, "view", "GET"),
                WebSocketRoute("/ws", self._socket),
            ],
            lifespan=self._lifespan,
        )

    def restart(self) -> None:
        """Lose what is in memory, as a process that ends does."""
        self.pending.clear()
        if self.running is not None:
            self.running.stopped = True
        self.running = None
        self.history.clear()
        self.cache.clear()

    def files(self) -> list[Path]:
        return sorted((self.folder / "output" / "hinode").glob("*"))

    def _faulty(self, handler: Handler, name: str) -> Handler:
        async def answer(request: Request) -> Response:
            self.requests.append((name, request.url.path))
            if any(request.headers.get(key) != value for key, value in self.headers.items()):
                return PlainTextResponse("Unauthorized", 401)
            fault = self.once[name].pop(0) if self.once[name] else None
            if fault is not None and not fault.after:
                return fault.answer
            right = await handler(request)
            return right if fault is None else fault.answer

        return answer

    async def _stats(self, request: Request) -> Response:
        return JSONResponse({"system": {"comfyui_version": self.version}, "devices": []})

    async def _class(self, request: Request) -> Response:
        name = request.path_params["name"]
        return JSONResponse({name: {**CLASSES[name], "name": name}} if name in CLASSES else {})

    async def _prompt(self, request: Request) -> Response:
        body = await request.json()
        graph = body["prompt"]
        if any("class_type" not in node for node in graph.values() if isinstance(node, dict)):
            return PlainTextResponse("500 Internal Server Error", 500)
        for node_id, node in graph.items():
            if node["class_type"] not in CLASSES:
                message = f"Cannot execute because node {node['class_type']} does not exist."
                return _refusal("invalid_prompt", message, f"Node ID '#{node_id}'", {})
        outputs = [one for one in graph if CLASSES[graph[one]["class_type"]]["output_node"]]
        found = {one: problems(graph, one, self.folder / "input") for one in outputs}
        errors = {key: value for one in found.values() for key, value in one.items()}
        good = [one for one in outputs if not found[one]]
        if not good:
            message = "Prompt outputs failed validation"
            return _refusal("prompt_outputs_failed_validation", message, str(errors), errors)
        prompt_id = body.get("prompt_id") or str(uuid.uuid4())
        number = len(self.posted)
        self.posted.append(body)
        self.pending.append(Prompt(prompt_id, graph, body.get("client_id"), number, good))
        return JSONResponse({"prompt_id": prompt_id, "number": number, "node_errors": errors})

    async def _job(self, request: Request) -> Response:
        prompt_id = request.path_params["id"]
        found = self._find(prompt_id)
        if found is not None:
            self.looks[prompt_id] += 1
        if found is None or self.looks[prompt_id] <= self.hidden_looks:
            return JSONResponse({"error": "Job not found"}, 404)
        return JSONResponse({"id": prompt_id, **found})

    def _find(self, prompt_id: str) -> dict[str, Any] | None:
        if prompt_id in self.history:
            return self.history[prompt_id]
        if self.running is not None and self.running.id == prompt_id:
            return {"status": "in_progress", "outputs_count": 0}
        if any(one.id == prompt_id for one in self.pending):
            return {"status": "pending", "outputs_count": 0}
        return None

    async def _cancel(self, request: Request) -> Response:
        prompt_id = request.path_params["id"]
        before = len(self.pending)
        self.pending = [one for one in self.pending if one.id != prompt_id]
        stopped = len(self.pending) < before
        if self.running is not None and self.running.id == prompt_id:
            self.running.stopped = stopped = True
        return JSONResponse({"cancelled": stopped})

    async def _upload(self, request: Request) -> Response:
        async with request.form() as form:
            upload, subfolder = form["image"], str(form.get("subfolder", ""))
            assert not isinstance(upload, str)
            assert upload.filename
            folder = self.folder / "input" / subfolder
            folder.mkdir(parents=True, exist_ok=True)
            (folder / upload.filename).write_bytes(await upload.read())
            return JSONResponse({"name": upload.filename, "subfolder": subfolder, "type": "input"})

    async def _view(self, request: Request) -> Response:
        query = request.query_params
        path = self.folder / query["type"] / query.get("subfolder", "") / query["filename"]
        return FileResponse(path) if path.is_file() else Response(status_code=404)

    async def _socket(self, socket: WebSocket) -> None:
        wrong = any(socket.headers.get(key) != value for key, value in self.headers.items())
        if not self.has_sockets or wrong:
            await socket.close()
            return
        await socket.accept()
        client = socket.query_params.get("clientId") or uuid.uuid4().hex
        self.sockets[client] = socket
        self.connections += 1
        await socket.send_json({"type": "status", "data": {"sid": client}})
        await socket.send_bytes(b"\x00\x00\x00\x01a preview")
        with suppress(WebSocketDisconnect):
            while True:
                await socket.receive_text()
        if self.sockets.get(client) is socket:
            del self.sockets[client]

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        worker = asyncio.create_task(self._work())
        yield
        worker.cancel()

    async def _work(self) -> None:
        while True:
            if not self.pending:
                await asyncio.sleep(0.005)
                continue
            self.running = prompt = self.pending.pop(0)
            result = await self._run(prompt)
            if self.running is prompt:  # else it was restarted meanwhile
                self.history[prompt.id] = {"outputs_count": 1, **result}
                self.running = None

    async def _run(self, prompt: Prompt) -> dict[str, Any]:
        text = texts(prompt.graph)
        await self._tell(prompt, "execution_start", {})
        cached = self.cache.get(json.dumps(prompt.graph))
        if cached is not None:
            await self._tell(prompt, "execution_success", {})
            # Without a client nobody is shown what was cached.
            return {"status": "completed", "outputs": cached if prompt.client_id else {}}
        step = 0
        left = self.stop_steps
        while step < STEPS or "[stall]" in text:
            step += 1
            await self._tell_progress(prompt, min(step, STEPS))
            await self._step(prompt)
            if prompt.stopped:
                left -= 1
                if left < 0:
                    await self._tell(prompt, "execution_interrupted", {})
                    return {"status": "cancelled", "outputs": {}}
        if "[fail]" in text:
            error = {
                "node_id": "3", "node_type": "KSampler", "traceback": TRACE,
                "exception_type": "torch.OutOfMemoryError",
                "exception_message": MESSAGE,
                "current_inputs": {"text": [text]},
            }  # fmt: skip
            await self._tell(prompt, "execution_error", error)
            return {"status": "failed", "outputs": {}, "execution_error": error}
        outputs = {
            one: await asyncio.to_thread(save, prompt.graph, one, self.folder / "output")
            for one in prompt.outputs
        }
        self.rendered.append(prompt.id)
        self.cache = {json.dumps(prompt.graph): outputs}
        await self._tell(prompt, "execution_success", {})
        return {"status": "completed", "outputs": outputs}

    async def _step(self, prompt: Prompt) -> None:
        begun = asyncio.get_running_loop().time()
        while True:
            await asyncio.sleep(min(0.01, self.step_seconds))
            passed = asyncio.get_running_loop().time() - begun
            if prompt.stopped or passed >= self.step_seconds:
                return

    async def _tell_progress(self, prompt: Prompt, step: int) -> None:
        nodes = [node_id for node_id, _ in needed(prompt.graph, prompt.outputs[0])]
        shown = {
            one: {"value": 1, "max": 1, "state": "finished"} for one in nodes[: len(nodes) // 2]
        }
        shown[nodes[len(nodes) // 2]] = {"value": step, "max": STEPS, "state": "running"}
        await self._tell(prompt, "progress_state", {"nodes": shown})

    async def _tell(self, prompt: Prompt, kind: str, data: dict[str, Any]) -> None:
        socket = self.sockets.get(prompt.client_id or "")
        if socket is not None:
            with suppress(RuntimeError, WebSocketDisconnect):
                await socket.send_json({"type": kind, "data": {"prompt_id": prompt.id, **data}})


def _refusal(kind: str, message: str, details: str, errors: dict[str, Any]) -> Response:
    error = {"type": kind, "message": message, "details": details, "extra_info": {}}
    return JSONResponse({"error": error, "node_errors": errors}, 400)


@dataclass
class Served:
    """A running stand-in at ``url``."""

    url: str
    comfyui: ComfyUI


@contextmanager
def served(comfyui: ComfyUI) -> Iterator[Served]:
    """Serve it from a thread of its own."""
    config = uvicorn.Config(
        comfyui.app,
        port=0,
        log_level="critical",
        ws="websockets-sansio",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "it did not start"
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Served(f"http://127.0.0.1:{port}", comfyui)
    finally:
        server.should_exit = True
        thread.join(10)


def main() -> None:
    """Serve it as a process that can be killed: a port, a folder, seconds of a step."""
    port, folder, step_seconds = sys.argv[1:]
    comfyui = ComfyUI(Path(folder), step_seconds=float(step_seconds))
    uvicorn.run(comfyui.app, port=int(port), log_level="critical", ws="websockets-sansio")


if __name__ == "__main__":
    main()
