"""A prompt that comes again is rendered without the text encoder, and the same; within a bound."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.open_models import ROOT, TORCH_PYTHON

pytestmark = pytest.mark.full

SCRIPT = "tests.support.encoder_calls"
SECONDS = 300
PLENTY = 2**30


def rendered(model: Path, most_bytes: int, *prompts: str) -> list[tuple[int, int, str]]:
    """Render; return the calls of the encoder so far, the bytes kept, the digest of the frames."""
    command = [str(TORCH_PYTHON), "-m", SCRIPT, str(model), str(most_bytes), *prompts]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS, check=True, cwd=ROOT
    )
    lines = [one.split() for one in done.stdout.splitlines()]
    return [(int(calls), int(size), digest) for calls, size, digest in lines]


@pytest.mark.parametrize("model", ["wan22_5b", "ltx2"])
def test_a_prompt_is_encoded_once(tiny_models: Path, model: str) -> None:
    folder = tiny_models / model
    first, again, other, back = rendered(folder, PLENTY, "a boat", "a boat", "a fox", "a boat")
    assert first == again
    assert (other[0], other[1]) == (2 * first[0], 2 * first[1])
    assert other[2] != first[2]
    assert back == (*other[:2], first[2])


def test_what_was_used_longest_ago_goes_first(tiny_models: Path) -> None:
    folder = tiny_models / "wan22_5b"
    ((calls, size, _),) = rendered(folder, PLENTY, "a boat")
    found = rendered(folder, size + 1, "a boat", "a fox", "a fox", "a boat")
    assert [one[0] for one in found] == [calls, 2 * calls, 2 * calls, 3 * calls]
    assert {one[1] for one in found} == {size}
    ((_, kept, _),) = rendered(folder, size - 1, "a boat")
    assert kept == 0
