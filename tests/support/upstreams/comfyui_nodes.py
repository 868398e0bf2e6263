"""The classes of nodes that the stand-in of ComfyUI has, and how it checks and runs a graph.

Sizes, rates and counts are taken from the nodes that the output needs, as the real ones compute
them; pictures and films are real files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.support.films import write_film

Graph = dict[str, dict[str, Any]]

_INT, _FLOAT, _TEXT = ["INT", {"min": 0, "max": 2**64}], ["FLOAT", {}], ["STRING", {}]


def _info(
    required: dict[str, Any], optional: dict[str, Any] | None = None, saves: bool = False
) -> Any:
    return {"input": {"required": required, "optional": optional or {}}, "output_node": saves}


_SIZE = {"width": ["INT", {"min": 16, "max": 16384}], "height": ["INT", {"min": 16, "max": 16384}]}
_SAMPLER = {"seed": _INT, "steps": ["INT", {"min": 1, "max": 10000}], "cfg": _FLOAT}
CLASSES: dict[str, Any] = {
    "EmptyImage": _info({**_SIZE, "batch_size": ["INT", {"min": 1, "max": 4096}], "color": _INT}),
    "LoadImage": _info({"image": [["example.png"], {"image_upload": True}]}),
    "ImageScale": _info({"image": ["IMAGE"], **_SIZE}),
    "RepeatImageBatch": _info({"image": ["IMAGE"], "amount": ["INT", {"min": 1, "max": 4096}]}),
    "CreateVideo": _info({"images": ["IMAGE"], "fps": ["FLOAT", {"min": 1, "max": 120}]},
                         {"audio": ["AUDIO"]}),
    "SaveVideo": _info({"video": ["VIDEO"], "filename_prefix": _TEXT,
                        "format": ["COMBO", {"options": ["auto", "mp4"]}],
                        "codec": ["COMBO", {"options": ["auto", "h264"]}]}, saves=True),
    "VHS_VideoCombine": _info({"images": ["IMAGE"], "frame_rate": _FLOAT, "filename_prefix": _TEXT,
                               "save_output": ["BOOLEAN", {}]}, saves=True),
    "SaveImage": _info({"images": ["IMAGE"], "filename_prefix": _TEXT}, saves=True),
    "PreviewImage": _info({"images": ["IMAGE"]}, saves=True),
    "StringLength": _info({"string": _TEXT}),
    "UNETLoader": _info({"unet_name": [["wan2.2_ti2v_5B_fp16.safetensors"], {}]}),
    "CLIPTextEncode": _info({"text": _TEXT}),
    "KSampler": _info({**_SAMPLER, "model": ["MODEL"], "positive": ["CONDITIONING"],
                       "negative": ["CONDITIONING"], "latent_image": ["LATENT"]}),
    "Wan22ImageToVideoLatent": _info({**_SIZE, "length": ["INT", {"min": 1, "max": 16384}],
                                      "batch_size": _INT}, {"start_image": ["IMAGE"]}),
    "VAEDecode": _info({"samples": ["LATENT"]}),
}  # fmt: skip


def needed(graph: Graph, output: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the nodes that an output needs, the farthest first, itself last."""
    seen: list[str] = []

    def visit(node_id: str) -> None:
        if node_id in seen or node_id not in graph:
            return
        for value in graph[node_id]["inputs"].values():
            if isinstance(value, list):
                visit(str(value[0]))
        seen.append(node_id)

    visit(output)
    yield from ((one, graph[one]) for one in seen)


def problems(graph: Graph, output: str, pictures: Path) -> dict[str, Any]:
    """Return the ``node_errors`` of an output, by node."""
    found: dict[str, Any] = {}
    for node_id, node in needed(graph, output):
        errors = list(_node_problems(node, graph, pictures))
        if errors:
            found[node_id] = {
                "errors": errors, "dependent_outputs": [output], "class_type": node["class_type"],
            }  # fmt: skip
    return found


def _node_problems(node: dict[str, Any], graph: Graph, pictures: Path) -> Iterator[dict[str, Any]]:
    declared = CLASSES[node["class_type"]]["input"]
    for name in declared["required"]:
        if name not in node["inputs"]:
            yield _problem("required_input_missing", "Required input is missing", name)
    for name, value in node["inputs"].items():
        rule = {**declared["required"], **declared["optional"]}.get(name)
        if isinstance(value, list):
            if str(value[0]) not in graph:
                yield _problem("bad_linked_input", "Bad linked input", name)
        elif node["class_type"] == "LoadImage":
            if not (pictures / str(value)).is_file():
                message = "Custom validation failed for node"
                details = f"image - Invalid image file: {pictures}/{value}"
                yield _problem("custom_validation_failed", message, name, details)
        elif rule is not None:
            yield from _value_problems(rule, name, value)


def _value_problems(rule: list[Any], name: str, value: Any) -> Iterator[dict[str, Any]]:
    options = (
        rule[0] if isinstance(rule[0], list) else (rule[1] if len(rule) > 1 else {}).get("options")
    )
    if options is not None and value not in options:
        details = f"{name}: '{value}' not in {options}"
        yield _problem("value_not_in_list", "Value not in list", name, details)
    if rule[0] == "INT":
        try:
            number = int(value)
        except ValueError:
            yield _problem("invalid_input_type", "Failed to convert an input value", name)
            return
        if number < rule[1].get("min", number):
            yield _problem("value_smaller_than_min", "Value smaller than min", name)
        if number > rule[1].get("max", number):
            yield _problem("value_bigger_than_max", "Value bigger than max", name)


def _problem(kind: str, message: str, name: str, details: str = "") -> dict[str, Any]:
    return {
        "type": kind, "message": message, "details": details or name,
        "extra_info": {"input_name": name},
    }  # fmt: skip


def texts(graph: Graph) -> str:
    """Return all texts of a graph."""
    return json.dumps([node["inputs"] for node in graph.values()])


def _value(graph: Graph, output: str, names: tuple[str, ...], default: float) -> float:
    for _, node in needed(graph, output):
        for name in names:
            value = node["inputs"].get(name)
            if isinstance(value, int | float):
                return float(value)
            if isinstance(value, list) and graph[value[0]]["class_type"] == "StringLength":
                return float(len(graph[value[0]]["inputs"]["string"]))
    return default


def save(graph: Graph, output: str, folder: Path) -> dict[str, Any]:
    """Write what an output node saves; return what it shows, as ``outputs`` has it."""
    node = graph[output]
    inputs, class_type = node["inputs"], node["class_type"]
    subfolder, _, stem = inputs.get("filename_prefix", "ComfyUI_temp").rpartition("/")
    (folder / subfolder).mkdir(parents=True, exist_ok=True)
    number = len(list((folder / subfolder).glob(f"{stem}_0*"))) + 1
    end = "" if class_type.startswith("VHS") else "_"
    suffix = "png" if class_type in ("SaveImage", "PreviewImage") else "mp4"
    name = f"{stem}_{number:05}{end}.{suffix}"
    size = int(_value(graph, output, ("width",), 64)), int(_value(graph, output, ("height",), 64))
    if suffix == "png":
        info = PngInfo()
        info.add_text("prompt", json.dumps(graph))
        Image.new("RGB", size, (90, 120, 200)).save(folder / subfolder / name, pnginfo=info)
    else:
        rate = round(_value(graph, output, ("fps", "frame_rate"), 10))
        frames = round(_value(graph, output, ("length", "batch_size", "amount"), 20))
        write_film(folder / subfolder / name, *size, frames / rate, rate, json.dumps(graph))
    shown = {"filename": name, "subfolder": subfolder, "type": "output"}
    if class_type.startswith("VHS"):
        return {"gifs": [{**shown, "format": "video/h264-mp4"}]}
    return {"images": [shown], **({} if suffix == "png" else {"animated": [True]})}
