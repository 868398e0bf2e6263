"""What a pipeline of diffusers is called with: counts, sizes, parameters, clips; without torch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from hinode.engines.base import JobAction, MediaKind, RenderParameters, RenderSpec, Shot, Style
from hinode.engines.diffusers.process.protocol import Phase
from hinode.engines.diffusers.rendering.adapters import BY_CLASS, distilled_arguments
from hinode.engines.diffusers.rendering.arguments import PipelineCall, call_arguments, with_a_step
from hinode.engines.diffusers.rendering.clips import Clip, NotRenderable, Start, plan_clips
from hinode.engines.diffusers.rendering.pictures import cropped, pixels
from hinode.engines.diffusers.rendering.sound import fit_sound
from hinode.engines.diffusers.rendering.steps import Canceled, observed
from hinode.engines.diffusers.weights.pipelines import PIPELINES
from hinode.media.encode import SAMPLE_RATE
from hinode.open_models.checkpoints import CHECKPOINTS

WAN = BY_CLASS["WanPipeline"]
CALL = PipelineCall("a boat", 64, 96, 21, 10, RenderParameters())
SPEC = RenderSpec(UUID(int=1), MediaKind.VIDEO, "a boat", 64, 64, fps=10, frames=20, seed=3)
BOTH = {"from_text": True, "from_picture": True, "last_frame": False}
TEXT = {"from_text": True, "from_picture": False, "last_frame": False}
PICTURE = {"from_text": False, "from_picture": True, "last_frame": True}


def test_every_class_that_is_inspected_can_be_called() -> None:
    # MiniMax-H3 is a modular pipeline, which is called in another way.
    assert set(BY_CLASS) >= set(PIPELINES)
    for name, known in PIPELINES.items():
        if name in BY_CLASS:
            assert BY_CLASS[name].kind is known.kind
            assert BY_CLASS[name].sound is known.sound


@pytest.mark.parametrize(
    ("name", "wanted", "legal"),
    [
        ("WanPipeline", 20, 21),
        ("WanPipeline", 21, 21),
        ("LTX2Pipeline", 96, 97),
        ("MochiPipeline", 20, 25),
        ("SanaVideoPipeline", 1, 1),
    ],
)
def test_frames_are_rendered_up_to_the_next_legal_count(name: str, wanted: int, legal: int) -> None:
    assert BY_CLASS[name].legal_frames(wanted) == legal


def test_the_frame_rules_of_the_catalog_are_legal_for_their_class() -> None:
    rules = {one.name: one.rule for one in CHECKPOINTS}
    for name, known in PIPELINES.items():
        for checkpoint in known.checkpoints if name in BY_CLASS else ():
            count = rules[checkpoint].native_frames
            assert BY_CLASS[name].legal_frames(count) == count, (name, checkpoint)


@pytest.mark.parametrize(("wanted", "legal"), [(720, 736), (704, 704), (1, 32)])
def test_a_side_is_rendered_up_to_the_next_multiple(wanted: int, legal: int) -> None:
    assert WAN.legal_side(wanted) == legal


def test_only_arguments_that_the_pipeline_takes_are_given() -> None:
    taken = {"prompt", "width", "height", "num_frames", "guidance_scale"}
    given = replace(CALL, parameters=RenderParameters(guidance_scale=3.0, negative_prompt="rain"))
    assert call_arguments(WAN, given, taken, {}) == {
        "prompt": "a boat", "width": 64, "height": 96, "num_frames": 21, "guidance_scale": 3.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "own", "expected"),
    [
        (RenderParameters(), (None, None), {}),
        (RenderParameters(), (8, 2.0), {"num_inference_steps": 8, "guidance_scale": 2.0}),
        (
            RenderParameters(num_inference_steps=3, guidance_scale=1.5),
            (8, 2.0),
            {"num_inference_steps": 3, "guidance_scale": 1.5},
        ),
    ],
)
def test_a_request_s_steps_and_guidance_go_before_the_operator_s(
    parameters: RenderParameters, own: tuple[int | None, float | None], expected: dict[str, Any]
) -> None:
    call = replace(CALL, parameters=parameters, steps=own[0], guidance=own[1])
    assert call_arguments(WAN, call, {"num_inference_steps", "guidance_scale"}, {}) == expected


def test_a_distilled_model_has_its_own_schedule_until_a_request_names_steps() -> None:
    defaults = distilled_arguments("Lightricks/LTX-2.5")
    taken = {"sigmas", "num_inference_steps", "guidance_scale", "stg_scale"}
    ltx = BY_CLASS["LTX2Pipeline"]
    usual = call_arguments(ltx, CALL, taken, defaults)
    assert len(usual["sigmas"]) == 8
    assert (usual["guidance_scale"], usual["stg_scale"]) == (1.0, 0.0)
    named = replace(CALL, parameters=RenderParameters(num_inference_steps=5))
    assert "sigmas" not in call_arguments(ltx, named, taken, defaults)
    assert not distilled_arguments("Wan-AI/Wan2.2-TI2V-5B-Diffusers")


def test_sana_s_frames_and_qwen_s_guidance_have_other_names() -> None:
    sana = call_arguments(BY_CLASS["SanaVideoPipeline"], CALL, {"frames", "num_frames"}, {})
    assert sana == {"frames": 21}
    call = replace(CALL, frames=0, guidance=4.0)
    taken = {"guidance_scale", "true_cfg_scale", "num_frames"}
    assert call_arguments(BY_CLASS["QwenImagePipeline"], call, taken, {}) == {"true_cfg_scale": 4.0}


def test_a_prompt_is_one_clip() -> None:
    assert plan_clips(SPEC, **BOTH) == (Clip("a boat", 20, Start.TEXT),)
    styled = replace(SPEC, style=Style.ANIME)
    assert plan_clips(styled, **BOTH)[0].prompt == "a boat\nStyle: anime."


def test_a_storyboard_is_a_clip_per_shot() -> None:
    shots = (Shot("it sails", 8), Shot("it sinks", 12))
    spec = replace(SPEC, shots=shots, first_frame=Path("first.png"))
    assert [(one.prompt, one.frames, one.start) for one in plan_clips(spec, **BOTH)] == [
        ("a boat\nit sails", 8, Start.PICTURE),
        ("a boat\nit sinks", 12, Start.TEXT),
    ]
    assert [one.start for one in plan_clips(spec, **PICTURE)] == [Start.PICTURE, Start.BEFORE]


def test_an_extension_goes_on_from_the_last_frame_which_is_left_out() -> None:
    spec = replace(
        SPEC, action=JobAction.EXTENSION, source=Path("v.mp4"), kept_frames=8, frames=20,
        prompt_history=("before",),
    )  # fmt: skip
    (clip,) = plan_clips(spec, **BOTH)
    assert (clip.start, clip.frames, clip.rendered_frames) == (Start.BEFORE, 12, 13)
    assert clip.prompt == "a boat"


def test_a_remix_tells_the_change_against_what_there_was() -> None:
    spec = replace(SPEC, action=JobAction.REMIX, source=Path("v.mp4"), prompt_history=("a lake",))
    assert plan_clips(spec, **BOTH) == (Clip("a lake\na boat", 20, Start.SOURCE),)
    assert plan_clips(spec, **TEXT)[0].start is Start.TEXT


@pytest.mark.parametrize(
    ("spec", "takes", "code"),
    [
        (replace(SPEC, first_frame=Path("p.png")), TEXT, "first_frame_unsupported"),
        (SPEC, PICTURE, "first_frame_required"),
        (replace(SPEC, action=JobAction.EXTENSION), TEXT, "first_frame_unsupported"),
        (replace(SPEC, action=JobAction.EDIT), TEXT, "first_frame_unsupported"),
        (replace(SPEC, last_frame=Path("p.png")), BOTH, "last_frame_unsupported"),
        (
            replace(SPEC, last_frame=Path("p.png")),
            {**BOTH, "last_frame": True},
            "last_frame_unsupported",
        ),
    ],
)
def test_what_the_weights_cannot_do_is_refused(
    spec: RenderSpec, takes: dict[str, bool], code: str
) -> None:
    with pytest.raises(NotRenderable) as refused:
        plan_clips(spec, **takes)
    assert refused.value.code == code


@pytest.mark.parametrize("rate", [16_000, 24_000, 48_000])
@pytest.mark.parametrize("seconds", [0.5, 1.0, 1.5])
def test_sound_is_as_long_as_its_frames(rate: int, seconds: float) -> None:
    waveform = np.full((2, round(rate * seconds)), 0.5, dtype=np.float32)
    fitted = fit_sound(waveform, rate, frames=10, fps=10)
    assert fitted.shape == (SAMPLE_RATE, 2)
    assert fitted[SAMPLE_RATE // 4].tolist() == pytest.approx([0.5, 0.5], abs=0.02)
    assert bool(fitted[-1].any()) is (seconds >= 1.0)


def test_mono_sound_is_on_both_sides_and_never_too_loud() -> None:
    fitted = fit_sound(np.full((1, 4800), 3.0, dtype=np.float32), 48_000, frames=1, fps=10)
    assert fitted.min() == fitted.max() == 1.0


def test_a_larger_picture_is_cut_to_its_middle_with_even_sides() -> None:
    (picture,) = pixels(np.linspace(0, 1, 4 * 6 * 3).reshape(1, 4, 6, 3))
    assert picture.dtype == np.uint8
    assert (picture.min(), picture.max()) == (0, 255)
    assert (cropped(picture, 2, 2) == picture[1:3, 2:4]).all()
    assert cropped(picture, 64, 64).shape == (4, 6, 3)


class _Part:
    def decode(self, latents: str) -> str:
        return latents


class _Pipeline:
    """A pipeline with two steps and a decode, as all of them are built."""

    def __init__(self) -> None:
        self.vae = _Part()

    def progress_bar(self, iterable: Any = None, total: int | None = None) -> Any:
        raise AssertionError("the bar of the class was asked")

    def __call__(self) -> str:
        with self.progress_bar(total=2) as bar:
            for _ in range(2):
                bar.update()
        return self.vae.decode("done")


def test_steps_and_the_decode_are_told_and_the_pipeline_is_as_before() -> None:
    pipeline, told = _Pipeline(), list[tuple[Phase, float]]()
    with observed(pipeline, lambda phase, done: told.append((phase, done))):
        assert pipeline() == "done"
    steps = [(Phase.STEPS, one) for one in (0.0, 0.5, 1.0)]
    assert told == [*steps, (Phase.DECODING, 0.0)]
    assert "progress_bar" not in vars(pipeline)
    assert "decode" not in vars(pipeline.vae)


def test_a_cancel_leaves_a_pipeline_at_its_next_step_and_nothing_is_decoded() -> None:
    pipeline, told = _Pipeline(), list[Phase]()

    def report(phase: Phase, done: float) -> None:
        told.append(phase)
        if done == 0.5:
            raise Canceled

    with pytest.raises(Canceled), observed(pipeline, report):
        pipeline()
    assert Phase.DECODING not in told
    assert "progress_bar" not in vars(pipeline)


@pytest.mark.parametrize(
    ("steps", "usual", "strength"),
    [(30, 0.3, None), (2, None, None), (None, 0.3, None), (2, 0.3, 0.5), (1, 0.9999, 1.0)],
)
def test_a_picture_is_changed_in_one_step_at_least(
    steps: int | None, usual: float | None, strength: float | None
) -> None:
    made = with_a_step({"num_inference_steps": steps}, usual)
    assert made.get("strength") == (strength if strength is None else pytest.approx(strength, 0.01))
    if strength is not None and steps is not None:
        assert int(steps * made["strength"]) == 1


@pytest.mark.parametrize(
    ("names", "steps", "guidance"),
    [
        (("Wan-AI/Wan2.2-T2V-A14B-Diffusers",), None, None),
        (("lightx2v/Wan2.2-Lightning",), 4, 1.0),
        (("Qwen-Image-Lightning-8steps-V1.0", "Qwen/Qwen-Image"), 8, 1.0),
        (("fast Wan21_T2V_lightx2v_rank64", "Wan-AI/Wan2.1-T2V-14B-Diffusers"), 4, 1.0),
        (("ink ink", "stabilityai/sdxl-turbo"), 1, 0.0),
        (("HunyuanVideo-1.5-Diffusers-480p_i2v_step_distilled",), 8, None),
        (("480steps", "Wan-AI/Wan2.1"), None, None),
        (("Lightricks/LTX-2.5-dev-Diffusers",), None, None),
        (("Lightricks/LTX-2.3-Diffusers",), None, None),
        (("diffusers/LTX-2.3-Distilled-Diffusers",), None, 1.0),
        (("fast ltx-2-19b-distilled-lora-384", "Lightricks/LTX-2"), None, 1.0),
    ],
)
def test_distilled_models_and_loras_have_their_steps(
    names: tuple[str, ...], steps: int | None, guidance: float | None
) -> None:
    found = distilled_arguments(*names)
    assert (found.get("num_inference_steps"), found.get("guidance_scale")) == (steps, guidance)
