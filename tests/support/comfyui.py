"""Workflows in API format and engines of ComfyUI for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hinode.engines.comfyui.engine import ComfyUIEngine
from hinode.engines.comfyui.settings import ComfyUISettings

CORE: dict[str, Any] = {
    "1": {"class_type": "StringLength", "inputs": {"string": "a fox"}},
    "2": {
        "class_type": "EmptyImage",
        "inputs": {"width": 64, "height": 64, "batch_size": 20, "color": ["1", 0]},
    },
    "3": {"class_type": "CreateVideo", "inputs": {"images": ["2", 0], "fps": 10}},
    "4": {
        "class_type": "SaveVideo",
        "inputs": {
            "video": ["3", 0], "filename_prefix": "video/ComfyUI", "format": "auto",
            "codec": "auto",
        },
    },
}  # fmt: skip
"""A film of core nodes, which need no weights."""

CORE_SETTINGS: dict[str, Any] = {
    "output": "4",
    "bind": {
        "prompt": "1.string", "width": "2.width", "height": "2.height", "frames": "2.batch_size",
        "fps": "3.fps",
    },
}  # fmt: skip

STILL: dict[str, Any] = {
    **{key: CORE[key] for key in ("1", "3", "4")},
    "2": {"class_type": "RepeatImageBatch", "inputs": {"image": ["5", 0], "amount": ["1", 0]}},
    "5": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
}
"""A film of its first frame, with as many frames as the prompt has letters; no weights."""

STILL_SETTINGS: dict[str, Any] = {
    "output": "4",
    "bind": {"prompt": "1.string", "fps": "3.fps", "first_frame": "5.image"},
}

WAN: dict[str, Any] = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 1, "steps": 30, "cfg": 5, "model": ["37", 0], "positive": ["6", 0],
            "negative": ["7", 0], "latent_image": ["55", 0],
        },
    },
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox"}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry"}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0]}},
    "37": {"class_type": "UNETLoader", "inputs": {"unet_name": "wan2.2_ti2v_5B_fp16.safetensors"}},
    "55": {
        "class_type": "Wan22ImageToVideoLatent",
        "inputs": {
            "width": 1280, "height": 704, "length": 121, "batch_size": 1, "start_image": ["59", 0],
        },
    },
    "56": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
    "57": {"class_type": "CreateVideo", "inputs": {"images": ["8", 0], "fps": 24}},
    "58": {
        "class_type": "SaveVideo",
        "inputs": {
            "video": ["57", 0], "filename_prefix": "video/ComfyUI", "format": "auto",
            "codec": "auto",
        },
    },
    "59": {
        "class_type": "ImageScale", "inputs": {"image": ["56", 0], "width": 1280, "height": 704},
    },
    "60": {"class_type": "PreviewImage", "inputs": {"images": ["56", 0]}},
}  # fmt: skip
"""Text and a first frame to a video, as the template of Wan 2.2 5B does."""

WAN_SETTINGS: dict[str, Any] = {
    "output": "58",
    "set": {"3.steps": 20},
    "bind": {
        "prompt": "6.text", "negative_prompt": "7.text", "seed": ["3.seed"], "width": "55.width",
        "height": "55.height", "frames": "55.length", "fps": "57.fps", "first_frame": "56.image",
        "guidance_scale": "3.cfg", "num_inference_steps": "3.steps",
    },
    "extra_params": {"steps": {"bind": "3.steps", "min": 1, "max": 50}},
}  # fmt: skip

PICTURE: dict[str, Any] = {
    "1": {"class_type": "StringLength", "inputs": {"string": "a fox"}},
    "2": {
        "class_type": "EmptyImage",
        "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": ["1", 0]},
    },
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "ComfyUI"}},
}
PICTURE_SETTINGS: dict[str, Any] = {
    "output": "3",
    "bind": {"prompt": "1.string", "width": "2.width", "height": "2.height"},
}


def settings_of(
    folder: Path, url: str, workflows: dict[str, tuple[dict[str, Any], dict[str, Any]]], **more: Any
) -> ComfyUISettings:
    """Settings of an engine with workflows, by name: their graph and their table."""
    tables = {}
    for name, (graph, table) in workflows.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(graph))
        tables[name] = {"file": str(path), **table}
    given = {
        "kind": "comfyui", "url": url, "origin": "trained", "workflows": tables,
        "poll_interval_seconds": 0.05,
        "retry_backoff_seconds": 0.05, **more,
    }  # fmt: skip
    return ComfyUISettings.model_validate(given)


def engine_of(
    folder: Path, url: str, *, workflows_more: dict[str, Any] | None = None, **more: Any
) -> ComfyUIEngine:
    """An engine with the workflows ``core``, ``wan`` and ``picture``, and more."""
    workflows = {
        "core": (CORE, CORE_SETTINGS),
        "wan": (WAN, WAN_SETTINGS),
        "picture": (PICTURE, PICTURE_SETTINGS),
        **(workflows_more or {}),
    }
    return ComfyUIEngine("studio", settings_of(folder, url, workflows, **more))
