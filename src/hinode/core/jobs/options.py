"""The options of a job that are not in its plan, and their JSON in the database."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from hinode.core.auth.simulation import Simulation
from hinode.media.parameters import NO_PARAMETERS, Lora, RenderParameters
from hinode.media.types import OutputFormat, Shot, Style


@dataclass(frozen=True, slots=True)
class Callback:
    """The URL that is called when a job ends.

    ``base_url`` is this server's URL as the client of the job used it; URLs in the callback's body
    begin with it. ``authorization`` is the encrypted header of the URL's user and password, which
    is stored apart from the options; None without one.
    """

    url: str
    base_url: str
    authorization: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class JobOptions:
    """Options of a job; :class:`hinode.engines.base.RenderSpec` documents those that engines get.

    ``source_output`` is the output of the parent that the job starts from, ``post`` the post that
    published it, ``characters`` the ids of characters. ``simulate`` is set in test mode only.
    ``retry_of`` is the job that the operator had rendered again.
    ``parameters`` are those that the engine takes of the request, with the parent's where it names
    none; ``ignored`` names those of the request that it does not take. ``named`` are the parameters
    of the plan (seed, size) that a request of a dialect named whose answers show no plan.
    ``local_only``: neither the
    job nor what starts from it goes to an engine outside of the house.
    """

    style: Style | None = None
    shots: tuple[Shot, ...] = ()
    prompt_history: tuple[str, ...] = ()
    kept_frames: int = 0
    source_output: int = 0
    post: UUID | None = None
    characters: tuple[UUID, ...] = ()
    picture_format: OutputFormat = OutputFormat.PNG
    picture_quality: int = 100
    partials: int = 0
    watermarked_copy: bool = False
    simulate: Simulation | None = None
    callback: Callback | None = None
    retry_of: UUID | None = None
    parameters: RenderParameters = NO_PARAMETERS
    ignored: tuple[str, ...] = ()
    local_only: bool = False
    named: tuple[str, ...] = ()


DEFAULT_OPTIONS = JobOptions()


def dump_options(options: JobOptions) -> str | None:
    """Return the options as JSON; None for the default options."""
    if options == DEFAULT_OPTIONS:
        return None
    return json.dumps(
        {
            "style": options.style,
            "shots": [[shot.prompt, shot.frames] for shot in options.shots],
            "prompt_history": options.prompt_history,
            "kept_frames": options.kept_frames,
            "source_output": options.source_output,
            "post": options.post.hex if options.post else None,
            "characters": [one.hex for one in options.characters],
            "picture_format": options.picture_format,
            "picture_quality": options.picture_quality,
            "partials": options.partials,
            "watermarked_copy": options.watermarked_copy,
            "simulate": asdict(options.simulate) if options.simulate else None,
            "callback": _dump_callback(options.callback),
            "retry_of": options.retry_of.hex if options.retry_of else None,
            "parameters": asdict(options.parameters),
            "ignored": options.ignored,
            "local_only": options.local_only,
            "named": options.named,
        },
        ensure_ascii=False,
    )


def _dump_callback(callback: Callback | None) -> dict[str, str] | None:
    return {"url": callback.url, "base_url": callback.base_url} if callback else None


def load_options(text: str | None) -> JobOptions:
    """Return the options that :func:`dump_options` wrote."""
    if text is None:
        return DEFAULT_OPTIONS
    stored: dict[str, Any] = json.loads(text)
    return JobOptions(
        style=Style(stored["style"]) if stored["style"] else None,
        shots=tuple(Shot(prompt, frames) for prompt, frames in stored["shots"]),
        prompt_history=tuple(stored["prompt_history"]),
        kept_frames=stored["kept_frames"],
        source_output=stored.get("source_output", 0),
        post=UUID(hex=stored["post"]) if stored.get("post") else None,
        characters=tuple(UUID(hex=one) for one in stored["characters"]),
        picture_format=OutputFormat(stored["picture_format"]),
        picture_quality=stored["picture_quality"],
        partials=stored["partials"],
        watermarked_copy=stored.get("watermarked_copy", False),
        simulate=Simulation(**stored["simulate"]) if stored.get("simulate") else None,
        callback=Callback(**stored["callback"]) if stored.get("callback") else None,
        retry_of=UUID(hex=stored["retry_of"]) if stored.get("retry_of") else None,
        parameters=load_parameters(stored["parameters"]),
        ignored=tuple(stored["ignored"]),
        local_only=stored.get("local_only", False),
        named=tuple(stored.get("named", ())),
    )


def load_parameters(stored: dict[str, Any]) -> RenderParameters:
    """Return the parameters of stored JSON."""
    return RenderParameters(**{**stored, "lora": tuple(Lora(**one) for one in stored["lora"])})
