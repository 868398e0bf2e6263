"""From what is to be rendered to the requests of a server with ``/v1/videos``; reads files only."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from hinode.engines.base import JobAction, RenderSpec
from hinode.engines.openai.profiles import Profile, Wire
from hinode.engines.remote.failures import Fault, UpstreamError
from hinode.engines.remote.http import FilePart, Part, segment
from hinode.engines.remote.prompts import told
from hinode.engines.remote.settings import Scalar
from hinode.media.picture import cover_fit

_RESOLUTIONS = {480: "480p", 720: "720p", 1080: "1080p", 2160: "4K"}
_RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9")


@dataclass(frozen=True, slots=True)
class There:
    """What the operator says of the server: its name for the model, if any, and what is added."""

    model: str
    extra: Mapping[str, Scalar]

    @property
    def named(self) -> dict[str, Scalar]:
        """The field that names the model; none where the server knows itself."""
        return {"model": self.model} if self.model else {}


@dataclass(frozen=True, slots=True)
class Create:
    """A request that makes a job: its path, and its body as a form or as JSON."""

    path: str
    form: list[Part] | None = None
    json: dict[str, Any] | None = None


def create_request(
    spec: RenderSpec, profile: Profile, there: There, folder: Path, parent: str | None
) -> Create:
    """Return the request for a job. ``parent`` is the id of its parent there, or None.

    Writes the first frame, fitted to the video's size, into ``folder``. Raises
    :class:`UpstreamError` when the parent cannot be named or sent.
    """
    match spec.action:
        case JobAction.REMIX if parent is not None:
            body = {"prompt": spec.prompt, **_seed(spec, profile), **there.extra}
            return Create(f"/videos/{segment(parent)}/remix", json=body)
        case JobAction.EXTENSION:
            added = round((spec.frames - spec.kept_frames) / spec.fps)
            fields = {"prompt": spec.prompt, "seconds": str(added)}
            return _on_video("/videos/extensions", fields, spec, profile, there, parent)
        case JobAction.EDIT | JobAction.REMIX:
            return _on_video("/videos/edits", {"prompt": spec.prompt}, spec, profile, there, parent)
    first = _fitted(spec, folder)
    match profile.wire:
        case Wire.FORM:
            return _form(spec, profile, there, first, _usual(spec))
        case Wire.EXACT_FORM:
            return _form(spec, profile, there, first, _exact(spec))
        case Wire.STRING_REFERENCE:
            return _string_reference(spec, profile, there, first)
        case Wire.SHAPE:
            return _shape(spec, profile, there, first)


def _usual(spec: RenderSpec) -> dict[str, Scalar]:
    return {"seconds": str(round(spec.seconds)), "size": f"{spec.width}x{spec.height}"}


def _exact(spec: RenderSpec) -> dict[str, Scalar]:
    """Say frames, rate and sides: a default rate there would change the length."""
    return {
        "num_frames": spec.frames,
        "fps": spec.fps,
        "width": spec.width,
        "height": spec.height,
    }


def _seed(spec: RenderSpec, profile: Profile) -> dict[str, Scalar]:
    return {"seed": spec.seed} if profile.seeds else {}


def _form(
    spec: RenderSpec,
    profile: Profile,
    there: There,
    first: Path | None,
    measures: Mapping[str, Scalar],
) -> Create:
    fields = {**there.named, "prompt": told(spec), **measures, **_seed(spec, profile)}
    parts = _parts({**fields, **there.extra})
    if first is not None:
        parts.append(("input_reference", FilePart(first, "first-frame.png", "image/png")))
    return Create("/videos", form=parts)


def _string_reference(
    spec: RenderSpec, profile: Profile, there: There, first: Path | None
) -> Create:
    body: dict[str, Any] = {
        **there.named,
        "prompt": told(spec),
        "seconds": round(spec.seconds),
        "size": f"{spec.width}x{spec.height}",
        **_exact(spec),
        **_seed(spec, profile),
        "n": spec.outputs,
        **there.extra,
    }
    if first is not None:
        body["input_reference"] = _data_url(first)
    return Create("/videos", json=body)


def _shape(spec: RenderSpec, profile: Profile, there: There, first: Path | None) -> Create:
    short = min(spec.width, spec.height)
    body: dict[str, Any] = {
        **there.named,
        "prompt": told(spec),
        "duration": round(spec.seconds),
        "resolution": _RESOLUTIONS[min(_RESOLUTIONS, key=lambda one: abs(one - short))],
        "aspect_ratio": min(_RATIOS, key=lambda one: _apart(one, spec)),
        **_seed(spec, profile),
        **there.extra,
    }
    if first is not None:
        picture = {"type": "image_url", "image_url": {"url": _data_url(first)}}
        body["frame_images"] = [{**picture, "frame_type": "first_frame"}]
    return Create("/videos", json=body)


def _apart(ratio: str, spec: RenderSpec) -> float:
    width, _, height = ratio.partition(":")
    return abs(math.log(int(width) / int(height)) - math.log(spec.width / spec.height))


def _on_video(
    path: str,
    fields: Mapping[str, Scalar],
    spec: RenderSpec,
    profile: Profile,
    there: There,
    parent: str | None,
) -> Create:
    """Name the parent by its id there, or send its file and say which model goes on with it."""
    more = {**fields, **_seed(spec, profile), **there.extra}
    if parent is not None:
        return Create(path, form=[*_parts(more), ("video[id]", parent)])
    if spec.source is None:
        raise UpstreamError(Fault.REQUEST, "The video that this one starts from has gone.")
    source = FilePart(spec.source, "video.mp4", "video/mp4")
    return Create(path, form=[*_parts({**there.named, **more}), ("video", source)])


def _parts(fields: Mapping[str, Scalar]) -> list[Part]:
    return [(name, _text(value)) for name, value in fields.items()]


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fitted(spec: RenderSpec, folder: Path) -> Path | None:
    """Scale and crop the first frame around its middle: servers refuse any other size."""
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
