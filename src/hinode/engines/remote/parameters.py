"""Generation parameters of a job as fields of a request to an upstream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hinode.engines.base import Parameter, RenderSpec

_SAME_NAMES: Mapping[Parameter, str] = {}


def parameter_fields(
    spec: RenderSpec, names: Mapping[Parameter, str] = _SAME_NAMES
) -> dict[str, Any]:
    """Return the parameters that the request names, as fields; the extra ones aside.

    A spec has only what its engine declares. ``names`` are those of fields that are called
    otherwise there. Frames come with their rate, since another default would change the length.
    """
    given, fields = spec.parameters, dict[str, Any]()
    for one in given.given():
        fields[names.get(one, one.value)] = getattr(given, one)
    if given.lora:
        fields[Parameter.LORA.value] = [
            {"name": one.upstream, "weight": one.weight} for one in given.lora
        ]
    if given.num_frames is not None:
        fields[Parameter.FPS.value] = spec.fps
    return fields
