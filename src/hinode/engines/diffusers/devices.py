"""The devices of this machine, found without torch, and the environment of a process on each."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from hinode.kit.child_process import environment_without_settings

_NAMES = re.compile(r"cpu|mps|cuda:\d{1,2}")
_LIST_SECONDS = 20
_CARD = re.compile(r"\d+|(GPU|MIG)-\S+")
"""A card, or a part of one, as CUDA_VISIBLE_DEVICES names it."""
_ALLOCATOR = ("PYTORCH_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF")
_ALLOCATED = "expandable_segments:True,pinned_max_round_threshold_mb:1"
"""Host memory that a card reads has its own size: else each tensor takes the next power of two."""
_WITHOUT_KERNELS = {"TORCHAO_FORCE_SKIP_LOADING_SO_FILES": "1"}
"""Where there is no card: torchao warns of each of its CUDA kernels that it cannot load."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device by its name: ``cuda:0``, ``mps`` or ``cpu``.

    ``visible`` is what CUDA_VISIBLE_DEVICES is for its process.
    """

    name: str
    visible: str = ""

    def environment(self) -> Mapping[str, str]:
        """Return the environment of its process: one device, no secrets, no network of the hub.

        Cards have the driver's own numbers, by which its command lists them, unless the operator
        says otherwise; CUDA alone would count the fastest first.
        """
        given = environment_without_settings()
        usual = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
        if not any(name in given for name in _ALLOCATOR):
            usual[_ALLOCATOR[0]] = _ALLOCATED
        return {
            **usual,
            **given,
            "CUDA_VISIBLE_DEVICES": self.visible,
            "HF_HUB_OFFLINE": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "TOKENIZERS_PARALLELISM": "false",
            **({} if self.name.startswith("cuda:") else _WITHOUT_KERNELS),
        }


def devices_of(names: str | Sequence[str]) -> tuple[Device, ...]:
    """Return the devices that a setting names; ``auto``: all GPUs, else the CPU."""
    if names != "auto":
        wanted = (names,) if isinstance(names, str) else tuple(names)
        return tuple(_device(name) for name in wanted)
    found = tuple(Device(f"cuda:{place}", one) for place, one in enumerate(visible_gpus()))
    if found:
        return found
    on_apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    return (Device("mps" if on_apple else "cpu"),)


def is_device(name: str) -> bool:
    """Return whether this is the name of a device."""
    return _NAMES.fullmatch(name) is not None


def visible_gpus() -> list[str]:
    """Return what CUDA calls the GPUs that this process may use: those before the first unknown."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None:
        return list(takewhile(_CARD.fullmatch, map(str.strip, allowed.split(","))))
    return [str(number) for number in range(_listed_gpus())]


def _listed_gpus() -> int:
    """Return how many GPUs the driver lists."""
    try:
        listed = subprocess.run(
            ["nvidia-smi", "--list-gpus"],  # noqa: S607 - wherever the driver has put it
            capture_output=True, text=True, timeout=_LIST_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return sum(line.startswith("GPU ") for line in listed.stdout.splitlines())


def _device(name: str) -> Device:
    if not name.startswith("cuda:"):
        return Device(name)
    place, visible = int(name.removeprefix("cuda:")), visible_gpus()
    return Device(name, visible[place] if place < len(visible) else str(place))
