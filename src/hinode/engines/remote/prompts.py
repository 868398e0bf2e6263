"""Prompts with what a server has no field for."""

from __future__ import annotations

from hinode.engines.base import RenderSpec


def prompt_with_fields(spec: RenderSpec) -> str:
    """Return the prompt with the style and the shots, a line each."""
    lines = [spec.prompt]
    if spec.style is not None:
        lines.append(f"Style: {spec.style.value}.")
    for number, shot in enumerate(spec.shots, 1):
        lines.append(f"Shot {number} ({shot.frames / spec.fps:g} s): {shot.prompt}")
    return "\n".join(lines)
