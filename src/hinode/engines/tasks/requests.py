"""Build the body of a create from a render spec; pure but for the picture that it reads.

The dialect has two aspect ratios, and lengths of whole seconds. Its documentation:
``prompt``, ``duration``, ``aspect_ratio`` and at most one of ``image_urls`` in ``input``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hinode.engines.base import RenderSpec
from hinode.engines.hosted.pictures import data_url
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.remote.parameters import parameter_fields
from hinode.engines.remote.prompts import prompt_with_fields
from hinode.engines.remote.settings import Scalar

_RATIOS = {"16:9": 16 / 9, "9:16": 9 / 16}
# Sides are multiples of 8 to 32, so many sizes called 16:9 are only roughly so: 832x480.
_RATIO_TOLERANCE = 0.03


def create_body(
    spec: RenderSpec,
    model: str,
    extra: Mapping[str, Scalar],
    *,
    accepts_data_urls: bool,
    callback_url: str | None = None,
    sends_seed: bool = False,
) -> dict[str, Any]:
    """Return the body that creates a video; ``extra`` goes into its ``input``.

    Raises :class:`UpstreamError` for what the dialect has no words for: another shape, a fraction
    of a second, and a first frame without ``accepts_data_urls``.
    """
    given: dict[str, Any] = {
        "prompt": prompt_with_fields(spec),
        "duration": _duration(spec),
        "aspect_ratio": _aspect_ratio(spec),
        **extra,
        **parameter_fields(spec),
        **spec.parameters.extra_params,
    }
    if sends_seed:
        given["seed"] = spec.seed
    if spec.first_frame is not None:
        if not accepts_data_urls:
            raise UpstreamError(
                FailureKind.INVALID_REQUEST, "It takes no picture as a first frame."
            )
        given["image_urls"] = [data_url(spec.first_frame, spec.width, spec.height)]
    body: dict[str, Any] = {"model": model, "input": given}
    return body if callback_url is None else {**body, "callback_url": callback_url}


def _duration(spec: RenderSpec) -> int:
    """Return whole seconds; a model of 8n + 1 frames may be one frame off.

    They are only rough where the frames are sent as well.
    """
    seconds = round(spec.seconds)
    if spec.parameters.num_frames is not None:
        return max(1, seconds)
    if seconds < 1 or abs(spec.frames - seconds * spec.fps) > 1:
        raise UpstreamError(
            FailureKind.INVALID_REQUEST,
            f"It makes videos of whole seconds only, not of {spec.seconds:g}.",
        )
    return seconds


def _aspect_ratio(spec: RenderSpec) -> str:
    wanted = spec.width / spec.height
    for name, ratio in _RATIOS.items():
        if abs(math.log(wanted / ratio)) <= _RATIO_TOLERANCE:
            return name
    raise UpstreamError(
        FailureKind.INVALID_REQUEST,
        f"It makes videos of 16:9 and of 9:16 only, not of {spec.width}x{spec.height}.",
    )
