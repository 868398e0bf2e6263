"""Create and retrieve through Hinode and through LiteLLM's proxy, before one and the same upstream.

Rounds of both take turns in one run, so that whatever else the machine does meets both; the ratios
are the medians of the rounds'. Hinode commits a job before it answers and renders it meanwhile, 16
at a time; LiteLLM hands each request on. `make peers` installs LiteLLM, beside this project's own
packages; without it there is nothing to compare with, and the part says so.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import payloads, processes
from benchmarks.bench_data import create_gateway_data
from benchmarks.load import Load, LoadResult, fetch_all
from benchmarks.report import DeliveryTarget, Line, Part

ROUNDS = 3
MIN_CREATE_RATIO = 5.0
MIN_RETRIEVE_RATIO = 10.0
_PROGRAM = Path(sys.prefix).with_name(".venv-peers") / "bin" / "litellm"
_VIDEOS = "/v1/videos"
_FOREVER = 24 * 3600.0
_IDS = 64
_MASTER_KEY = "sk-bench"

Drive = Callable[[Load], LoadResult]


@dataclass(frozen=True, slots=True)
class _Peer:
    """A server, and the requests that it is sent: a create, and retrieves of its jobs."""

    name: str
    port: int
    create: tuple[bytes, ...]
    retrieves: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Round:
    """What was measured of one kind of request: Hinode's, and LiteLLM's."""

    ours: LoadResult
    theirs: LoadResult

    @property
    def ratio(self) -> float:
        theirs = self.theirs.per_second
        return self.ours.per_second / theirs if theirs else float("inf")


def measure(drive: Drive, folder: Path, seconds: float) -> Part:
    """Drive both servers with 16 connections, in rounds; an empty finding without LiteLLM."""
    if not _PROGRAM.exists():
        return Part([Line("beside LiteLLM", "skipped", "install it with: make peers")], [])
    folder.mkdir()
    clip = folder / "clip"
    clip.write_bytes(b"nobody asks for it")
    with processes.upstream(clip, _FOREVER) as stub:
        key = create_gateway_data(folder / "front", stub.port)
        config = _config(folder, stub.port)
        with (
            processes.hinode(folder / "front") as hinode,
            processes.litellm(_PROGRAM, config) as litellm,
        ):
            pair = (_peer("Hinode", hinode.port, key), _peer("LiteLLM", litellm.port, _MASTER_KEY))
            # Creates last: the queue that they make is not what retrieves are about.
            retrieves = _rounds(drive, pair, lambda peer: peer.retrieves, seconds)
            creates = _rounds(drive, pair, lambda peer: peer.create, seconds)
    return _part(
        {"retrieve": (retrieves, MIN_RETRIEVE_RATIO), "create": (creates, MIN_CREATE_RATIO)}
    )


def _config(folder: Path, port: int) -> Path:
    """Write LiteLLM's configuration, which is JSON as YAML goes."""
    there = {"model": "openai/stub", "api_base": f"http://127.0.0.1:{port}/v1", "api_key": "sk-x"}
    config = {
        "model_list": [{"model_name": "sora-2", "litellm_params": there}],
        "general_settings": {"master_key": _MASTER_KEY},
    }
    path = folder / "litellm.yaml"
    path.write_text(json.dumps(config))
    return path


def _peer(name: str, port: int, key: str) -> _Peer:
    create = payloads.create_multipart(_VIDEOS, key)
    ids = [json.loads(body)["id"] for body in fetch_all(port, [create] * _IDS)]
    return _Peer(name, port, (create,), tuple(payloads.get(f"{_VIDEOS}/{one}", key) for one in ids))


def _rounds(
    drive: Drive,
    pair: tuple[_Peer, _Peer],
    requests: Callable[[_Peer], tuple[bytes, ...]],
    seconds: float,
) -> list[_Round]:
    found = []
    for number in range(ROUNDS):
        # Who goes first changes.
        order = pair if number % 2 else pair[::-1]
        runs = {
            peer.name: drive(
                Load(peer.port, requests(peer), seconds=seconds / 4, warmup=seconds / 8)
            )
            for peer in order
        }
        found.append(_Round(runs["Hinode"], runs["LiteLLM"]))
    return found


def _part(found: dict[str, tuple[list[_Round], float]]) -> Part:
    lines, targets = [], []
    for kind, (rounds, min_ratio) in found.items():
        name = f"{kind}, Hinode / LiteLLM"
        ratio = statistics.median(one.ratio for one in rounds)
        detail = (
            f"{_rate([one.ours for one in rounds])} and {_rate([one.theirs for one in rounds])}"
            f" before one upstream; rounds {min(one.ratio for one in rounds):.1f}"
            f" to {max(one.ratio for one in rounds):.1f}"
        )
        lines.append(Line(name, f"{ratio:.1f} ×", detail))
        targets.append(DeliveryTarget(name, ratio, min_ratio, "×"))
    runs = [run for rounds, _ in found.values() for one in rounds for run in (one.ours, one.theirs)]
    errors = sum(run.errors for run in runs)
    lines.append(Line("failed requests of both", str(errors)))
    targets.append(DeliveryTarget("failed requests of both", errors, 0, "", at_most=True))
    return Part(lines, targets)


def _rate(runs: list[LoadResult]) -> str:
    return f"{statistics.median(run.per_second for run in runs):,.0f}/s"
