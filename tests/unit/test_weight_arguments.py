"""Arguments that follow from the weights in a pipeline; without torch."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hinode.engines.diffusers.rendering.weight_arguments import exact_schedule, weight_arguments


class LTX2Pipeline:
    def __init__(self, *, projects: bool) -> None:
        config = SimpleNamespace(use_prompt_embeddings=projects)
        self.components = {"transformer": SimpleNamespace(config=config)}


class Kandinsky6TI2VAPipeline:
    def __init__(self, *parts: str) -> None:
        self.components = {name: object() for name in parts} | {"vae": object()}


class Scheduler:
    def __init__(self, **config: Any) -> None:
        self.config = config

    @classmethod
    def from_config(cls, config: dict[str, Any], **changes: Any) -> Scheduler:
        return cls(**{**config, **changes})


def test_the_first_ltx2_is_called_as_it_was_trained() -> None:
    first = weight_arguments(LTX2Pipeline(projects=True), with_sound=True)
    assert first == {"use_cross_timestep": False, "spatio_temporal_guidance_blocks": [29]}
    assert weight_arguments(LTX2Pipeline(projects=False), with_sound=True) == {}


@pytest.mark.parametrize(
    ("parts", "wanted", "sampled"),
    [
        (("audio_vae", "vocoder"), True, True),
        (("audio_vae", "vocoder"), False, False),
        (("audio_vae",), True, False),
        ((), True, False),
    ],
)
def test_kandinsky_6_samples_sound_with_both_of_its_parts(
    parts: tuple[str, ...], wanted: bool, sampled: bool
) -> None:
    found = weight_arguments(Kandinsky6TI2VAPipeline(*parts), with_sound=wanted)
    assert found == {"sample_audio": sampled}


def test_a_schedule_is_taken_as_it_is_for_one_call() -> None:
    usual = Scheduler(use_dynamic_shifting=True, shift=3.0, num_train_timesteps=1000)
    pipeline = SimpleNamespace(scheduler=usual)
    with exact_schedule(pipeline, {"sigmas": (1.0, 0.5)}):
        assert pipeline.scheduler.config == {
            "use_dynamic_shifting": False,
            "shift": 1.0,
            "shift_terminal": None,
            "num_train_timesteps": 1000,
        }
    assert pipeline.scheduler is usual
    with exact_schedule(pipeline, {"num_inference_steps": 2}):
        assert pipeline.scheduler is usual
