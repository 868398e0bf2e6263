"""Build the requests of a server with ``/v1/videos`` from a render spec; read files only."""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from hinode.engines.base import JobAction, Parameter, RenderSpec
from hinode.engines.openai.profiles import CreateFormat, ServerProfile
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.remote.http import FilePart, Part, quote_segment
from hinode.engines.remote.parameters import parameter_fields
from hinode.engines.remote.prompts import prompt_with_fields
from hinode.engines.remote.settings import Scalar
from hinode.media.image_files import cover_fit

_RESOLUTIONS = {480: "480p", 720: "720p", 1080: "1080p", 2160: "4K"}
_RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9")


@dataclass(frozen=True, slots=True)
class ServerModel:
    """The operator's settings of a model: its name at the server, if any, and extra fields."""

    model: str
    extra: Mapping[str, Scalar]

    @property
    def model_field(self) -> dict[str, Scalar]:
        """The field that names the model; none where the server knows itself."""
        return {"model": self.model} if self.model else {}


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """A request that makes a job: its path, and its body as a form or as JSON."""

    path: str
    form: list[Part] | None = None
    json: dict[str, Any] | None = None


def create_request(
    spec: RenderSpec,
    profile: ServerProfile,
    server_model: ServerModel,
    folder: Path,
    parent: str | None,
) -> CreateRequest:
    """Return the request for a job. ``parent`` is the id of its parent there, or None.

    Writes the first frame, fitted to the video's size, into ``folder``. Raises
    :class:`UpstreamError` when the parent cannot be named or sent.
    """
    match spec.action:
        case JobAction.REMIX if parent is not None:
            body = _with_parameters({"prompt": spec.prompt}, spec, profile, server_model)
            return CreateRequest(f"/videos/{quote_segment(parent)}/remix", json=body)
        case JobAction.EXTENSION:
            added = round((spec.frames - spec.kept_frames) / spec.fps)
            length = {} if _has_frames(spec) else {"seconds": str(added)}
            fields = {"prompt": spec.prompt, **length}
            return _video_request("/videos/extensions", fields, spec, profile, server_model, parent)
        case JobAction.EDIT | JobAction.REMIX:
            return _video_request(
                "/videos/edits", {"prompt": spec.prompt}, spec, profile, server_model, parent
            )
    first = _resized_first_frame(spec, folder)
    match profile.create_format:
        case CreateFormat.FORM:
            return _form_request(spec, profile, server_model, first, _size_fields(spec))
        case CreateFormat.EXACT_FORM:
            return _form_request(spec, profile, server_model, first, _frame_fields(spec))
        case CreateFormat.STRING_REFERENCE:
            return _data_url_request(spec, profile, server_model, first)
        case CreateFormat.ASPECT_RATIO:
            return _aspect_ratio_request(spec, profile, server_model, first)


def _size_fields(spec: RenderSpec) -> dict[str, Scalar]:
    length = {} if _has_frames(spec) else {"seconds": str(round(spec.seconds))}
    return {**length, "size": f"{spec.width}x{spec.height}"}


def _has_frames(spec: RenderSpec) -> bool:
    """Return whether the frames are sent, which seconds would only repeat, rounded."""
    return spec.parameters.num_frames is not None


def _frame_fields(spec: RenderSpec) -> dict[str, Scalar]:
    """Return fields for frames, rate and size: a default rate there would change the length."""
    return {
        "num_frames": spec.frames,
        "fps": spec.fps,
        "width": spec.width,
        "height": spec.height,
    }


def _seed(spec: RenderSpec, profile: ServerProfile) -> dict[str, Scalar]:
    return {"seed": spec.seed} if Parameter.SEED in profile.parameters else {}


def _with_parameters(
    fields: Mapping[str, Any], spec: RenderSpec, profile: ServerProfile, server_model: ServerModel
) -> dict[str, Any]:
    """Return fields with the seed, then what every request has, then what this one names."""
    return {
        **fields,
        **_seed(spec, profile),
        **server_model.extra,
        **_parameters(spec, profile),
    }


def _parameters(spec: RenderSpec, profile: ServerProfile) -> dict[str, Any]:
    """Return the parameters that the request names, as the server names them."""
    fields = parameter_fields(spec, profile.names)
    if profile.one_lora and spec.parameters.lora:
        (lora,) = spec.parameters.lora
        fields["lora"] = {
            "name": lora.name,
            "local_path": lora.upstream,
            "scale": lora.weight,
        }
    extra = spec.parameters.extra_params
    own = {name: one for name, one in extra.items() if name in profile.extra_params}
    others = {name: one for name, one in extra.items() if name not in own}
    if others and profile.extra_object:
        return {**fields, **own, "extra_params": others}
    return {**fields, **own, **others}


def _form_request(
    spec: RenderSpec,
    profile: ServerProfile,
    server_model: ServerModel,
    first: Path | None,
    measures: Mapping[str, Scalar],
) -> CreateRequest:
    fields = {
        **server_model.model_field,
        "prompt": prompt_with_fields(spec),
        **measures,
    }
    parts = _parts(_with_parameters(fields, spec, profile, server_model))
    parts += _image_parts(spec, profile)
    if first is not None:
        parts.append(("input_reference", FilePart(first, "first-frame.png", "image/png")))
    return CreateRequest("/videos", form=parts)


def _data_url_request(
    spec: RenderSpec, profile: ServerProfile, server_model: ServerModel, first: Path | None
) -> CreateRequest:
    fields = {
        **server_model.model_field,
        "prompt": prompt_with_fields(spec),
        "seconds": round(spec.seconds),
        "size": f"{spec.width}x{spec.height}",
        **_frame_fields(spec),
        "n": spec.outputs,
    }
    body = _with_parameters(fields, spec, profile, server_model)
    if first is not None:
        body["input_reference"] = _data_url(first)
    return CreateRequest("/videos", json=body)


def _aspect_ratio_request(
    spec: RenderSpec, profile: ServerProfile, server_model: ServerModel, first: Path | None
) -> CreateRequest:
    short = min(spec.width, spec.height)
    fields = {
        **server_model.model_field,
        "prompt": prompt_with_fields(spec),
        "duration": round(spec.seconds),
        "resolution": _RESOLUTIONS[min(_RESOLUTIONS, key=lambda one: abs(one - short))],
        "aspect_ratio": min(_RATIOS, key=lambda one: _ratio_distance(one, spec)),
    }
    body = _with_parameters(fields, spec, profile, server_model)
    ends = (("first_frame", first), ("last_frame", spec.last_frame))
    frames = [{**_image_object(path), "frame_type": name} for name, path in ends if path]
    if frames:
        body["frame_images"] = frames
    if spec.references:
        body["input_references"] = [_image_object(path) for path in spec.references]
    return CreateRequest("/videos", json=body)


def _image_object(path: Path) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": _data_url(path)}}


def _image_parts(spec: RenderSpec, profile: ServerProfile) -> list[Part]:
    """Return the last frame and the references as files."""
    references = profile.names.get(Parameter.REFERENCE_IMAGES, Parameter.REFERENCE_IMAGES.value)
    images = [(references, path) for path in spec.references]
    if spec.last_frame is not None:
        images.append((Parameter.LAST_FRAME.value, spec.last_frame))
    return [(name, FilePart(path, f"{name}.png", "image/png")) for name, path in images]


def _ratio_distance(ratio: str, spec: RenderSpec) -> float:
    width, _, height = ratio.partition(":")
    return abs(math.log(int(width) / int(height)) - math.log(spec.width / spec.height))


def _video_request(
    path: str,
    fields: Mapping[str, Scalar],
    spec: RenderSpec,
    profile: ServerProfile,
    server_model: ServerModel,
    parent: str | None,
) -> CreateRequest:
    """Return the parent by its id there, or its file and the model that continues it."""
    more = _with_parameters(fields, spec, profile, server_model)
    images = _image_parts(spec, profile)
    if parent is not None:
        return CreateRequest(path, form=[*_parts(more), *images, ("video[id]", parent)])
    if spec.source is None:
        raise UpstreamError(
            FailureKind.INVALID_REQUEST, "The video that this one starts from was deleted."
        )
    source = FilePart(spec.source, "video.mp4", "video/mp4")
    return CreateRequest(
        path, form=[*_parts({**server_model.model_field, **more}), *images, ("video", source)]
    )


def _parts(fields: Mapping[str, Any]) -> list[Part]:
    return [(name, _text(value)) for name, value in fields.items()]


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _resized_first_frame(spec: RenderSpec, folder: Path) -> Path | None:
    """Scale and crop the first frame around its centre: servers reject any other size."""
    if spec.first_frame is None:
        return None
    path = folder / f"first-frame-{spec.width}x{spec.height}.png"
    with Image.open(spec.first_frame) as image:
        fitted = cover_fit(image, spec.width, spec.height)
    data = io.BytesIO()
    fitted.save(data, "PNG", compress_level=3)
    path.write_bytes(data.getvalue())
    return path


def _data_url(picture: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(picture.read_bytes()).decode()
