"""A request of content parts with roles: that of Ark, and of MiniMax, which took it over."""

from __future__ import annotations

from typing import Any

from hinode.engines.base import RenderSpec
from hinode.engines.hosted.paid_provider import (
    PaidProvider,
    canvas_of,
    check_inputs,
    seconds_of,
    size_names,
)
from hinode.engines.remote.prompts import prompt_with_fields


def content_body(
    provider: PaidProvider, spec: RenderSpec, callback_url: str | None
) -> dict[str, Any]:
    """Return the body that creates a job of text and pictures.

    Raises :class:`hinode.engines.remote.errors.UpstreamError` for what the model cannot make.
    """
    model = provider.model(spec)
    check_inputs(spec, model)
    canvas = canvas_of(spec, model)
    body = {
        "model": provider.model_name(spec),
        "content": _content(provider, spec),
        "duration": seconds_of(spec, model),
        **{name: getattr(canvas, name) for name in size_names(spec, model)},
        **provider.fields(spec),
    }
    return body if callback_url is None else {**body, "callback_url": callback_url}


def _content(provider: PaidProvider, spec: RenderSpec) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [{"type": "text", "text": prompt_with_fields(spec)}]
    pictures = (
        ("first_frame", provider.picture(spec)),
        ("last_frame", provider.picture(spec, last=True)),
    )
    parts += [
        {"type": "image_url", "image_url": {"url": url}, "role": role}
        for role, url in pictures
        if url is not None
    ]
    return parts
