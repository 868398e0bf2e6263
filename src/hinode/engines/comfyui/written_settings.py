"""Write the settings of a guessed workflow as TOML, for hinode.toml."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from hinode.engines.comfyui.guessing import Confidence, Guess, GuessedWorkflow

_ORIGIN = 'origin = "trained"  # signed into every file: a trained model renders'
_NO_ORIGIN = (
    '# origin = "…"  # required, signed into every file: "trained" if a trained model renders, '
    'else "algorithm"'
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def settings_toml(
    found: GuessedWorkflow,
    *,
    file: str,
    engine: str,
    workflow: str,
    url: str,
    more: Sequence[str] = (),
) -> str:
    """Return the tables of an engine, its workflow and a model that renders with it.

    ``more`` are lines of the workflow's table.
    """
    place = f"engines.{_key(engine)}.workflows.{_key(workflow)}"
    lines = [
        f"[engines.{_key(engine)}]", 'kind = "comfyui"', f"url = {_text(url)}",
        _ORIGIN if found.has_model else _NO_ORIGIN, "",
        f"[{place}]", f"file = {_text(file)}", f"output = {_text(found.output)}",
        *([f"model = {_text(found.checkpoint.name)}"] if found.checkpoint else []), *more,
        "", f"[{place}.bind]", *(_binding(one) for one in found.guesses),
        "", f"[models.{_key(workflow)}]", f"engine = {_text(engine)}",
        f"upstream = {_text(workflow)}", *_model(found),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _binding(guess: Guess) -> str:
    line = f"{guess.binding} = {_targets(guess.targets)}"
    if guess.confidence is Confidence.SURE:
        return line
    return f"{line}  # {guess.confidence.value}: {guess.reason}"


def _model(found: GuessedWorkflow) -> list[str]:
    """Return what a model must say; the rules of a known one say the sizes and lengths."""
    if not found.makes_video:
        return ['kind = "image"', 'sizes = ["1024x1024"]  # those that it renders', "price = 1"]
    if found.checkpoint is not None:
        return ["price = 1"]
    return [
        'sizes = ["832x480", "480x832"]  # those that it renders',
        "seconds = [5]", "fps = 16", "price = 1",
    ]  # fmt: skip


def _targets(targets: Sequence[str]) -> str:
    if len(targets) == 1:
        return _text(targets[0])
    return "[" + ", ".join(map(_text, targets)) + "]"


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _text(name)


def _text(value: str) -> str:
    # A JSON string is a basic string of TOML, but for characters that JSON writes as they are.
    return json.dumps(value)
