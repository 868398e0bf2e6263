"""Open-weight models: their names are known, their rules are kept, and plans say what is made."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinode import HinodeError, MediaKind, load_settings
from hinode.components import build_catalog
from hinode.core.catalog.service import Catalog, GenerationParams
from hinode.media.size import Orientation, Size
from hinode.open_models.checkpoints import CHECKPOINTS, Checkpoint, find


def catalog(model: str = "sora-2", **given: Any) -> Catalog:
    return build_catalog(load_settings(models={model: given}))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Wan-AI/Wan2.2-TI2V-5B-Diffusers", "Wan2.2-TI2V-5B"),
        ("Wan-AI/Wan2.2-T2V-A14B", "Wan2.2-A14B"),
        ("Wan2.1-I2V-14B-720P", "Wan2.2-A14B"),
        ("FastVideo/FastWan2.2-TI2V-5B-FullAttn-Diffusers", "Wan2.2-TI2V-5B"),
        ("wan2.1_t2v_1.3B", "Wan2.1-T2V-1.3B"),
        ("Lightricks/LTX-2.3-fp8", "LTX-2"),
        ("LTX-Video-2.5", "LTX-2.5"),
        ("tencent/HunyuanVideo-1.5", "HunyuanVideo-1.5"),
        ("hunyuanvideo", "HunyuanVideo"),
        ("CogVideoX1.5-5B-I2V", "CogVideoX1.5-5B"),
        ("zai-org/CogVideoX-2b", "CogVideoX-2B"),
        ("genmo/mochi-1-preview", "Mochi 1"),
        ("MiniMaxAI/MiniMax-H3", "MiniMax-H3"),
        ("sora-2", None),
        ("my-own-model", None),
    ],
)
def test_a_model_is_known_by_its_names(name: str, meant: str | None) -> None:
    found = find(name)

    assert (found.name if found else None) == meant


@given(st.sampled_from(CHECKPOINTS), st.floats(0.1, 60))
def test_every_count_is_legal(checkpoint: Checkpoint, seconds: float) -> None:
    rule = checkpoint.rule

    count = rule.frames(seconds)

    assert (count - rule.remainder) % rule.step == 0
    assert rule.min_frames <= count <= (rule.max_frames or count)
    if rule.supports_duration(seconds):
        assert abs(count / rule.fps - seconds) <= max(0.5, rule.step / rule.fps)


@given(st.sampled_from(CHECKPOINTS), st.integers(64, 4096), st.integers(64, 4096))
def test_a_canvas_is_legal_and_legal_sizes_stay(
    checkpoint: Checkpoint, width: int, height: int
) -> None:
    rule = checkpoint.rule

    assert rule.canvas(Size(width, height)) in rule.canvases
    assert all(rule.canvas(one) == one for one in rule.canvases)


@pytest.mark.parametrize("checkpoint", CHECKPOINTS, ids=lambda one: one.name)
def test_published_figures_are_their_own_rule(checkpoint: Checkpoint) -> None:
    rule = checkpoint.rule

    assert rule.frames(rule.native_frames / rule.fps) == rule.native_frames
    assert rule.max_frames is None or (rule.max_frames - rule.remainder) % rule.step == 0
    assert all(one.width % 8 == one.height % 8 == 0 for one in rule.canvases)


def test_a_plan_says_what_is_really_rendered() -> None:
    served = catalog(upstream="Wan-AI/Wan2.2-TI2V-5B-Diffusers")

    resolved = served.resolve(GenerationParams(seconds="4", size="720x1280"), MediaKind.VIDEO)

    plan = resolved.plan
    assert (str(plan.size), plan.fps, plan.frames, plan.seconds) == ("704x1280", 24, 97, 4)
    assert resolved.price == 100
    assert resolved.model.licence == "Apache-2.0"


def test_lengths_beyond_what_the_weights_were_made_for_are_refused_with_those_that_are() -> None:
    with pytest.raises(HinodeError) as refused:
        catalog(upstream="Wan2.2-TI2V-5B").resolve(GenerationParams(seconds="12"), MediaKind.VIDEO)

    assert refused.value.param == "seconds"
    assert "'4'" in refused.value.hint


def test_the_operator_may_offer_longer_ones_where_no_limit_is_published() -> None:
    served = catalog(upstream="Wan2.2-TI2V-5B", seconds=(4, 8))

    assert served.resolve(GenerationParams(seconds="8"), MediaKind.VIDEO).plan.frames == 193


def test_but_not_beyond_a_published_limit() -> None:
    with pytest.raises(HinodeError, match=r"CogVideoX-5b.*cannot render"):
        catalog(upstream="THUDM/CogVideoX-5b", seconds=(4, 12))


def test_naming_the_weights_and_a_price_is_enough_for_a_new_model() -> None:
    served = catalog("wan", upstream="Wan2.2-T2V-A14B", price=10)

    plan = served.resolve(GenerationParams(model="wan"), MediaKind.VIDEO).plan

    assert (str(plan.size), plan.fps, plan.frames) == ("1280x720", 16, 81)


def test_shapes_that_the_weights_cannot_render_are_not_offered() -> None:
    served = catalog(upstream="THUDM/CogVideoX-5b")

    assert all(size.width > size.height for size in served.get("sora-2").sizes)
    with pytest.raises(HinodeError) as refused:
        served.resolve(GenerationParams(size="720x1280"), MediaKind.VIDEO)
    assert refused.value.param == "size"


def test_a_canvas_may_be_asked_for_as_it_is() -> None:
    plan = (
        catalog(upstream="LTX-2.3")
        .resolve(GenerationParams(size="1920x1088"), MediaKind.VIDEO)
        .plan
    )

    assert str(plan.size) == "1920x1088"


@pytest.mark.parametrize(
    ("params", "size"),
    [
        (GenerationParams(), "512x768"),
        (GenerationParams(orientation=Orientation.LANDSCAPE), "768x512"),
        (GenerationParams(size="720x1280"), "1088x1920"),
    ],
    ids=["none", "orientation", "size"],
)
def test_without_a_size_a_video_has_about_as_many_pixels_as_usual(
    params: GenerationParams, size: str
) -> None:
    plan = catalog(upstream="LTX-2.3").resolve(params, MediaKind.VIDEO).plan
    assert str(plan.size) == size


def test_a_model_may_have_several_engines() -> None:
    served = catalog(
        engines=["gpu", {"engine": "relay", "upstream": "wan-2.2", "weight": 3}],
        routing_strategy="weight",
    )

    model = served.get("sora-2")

    assert (model.engine, model.by_weight) == ("gpu", True)
    assert [(one.engine, one.weight) for one in model.routes] == [("gpu", 1.0), ("relay", 3.0)]
    assert [one.upstream for one in model.routes] == [None, "wan-2.2"]


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"engine": "a", "engines": ["b"]}, "excludes the setting"),
        ({"engines": ["a", "a"]}, "twice"),
        ({"engines": [{"engine": "a", "overflow_after": 5}]}, "overflow engines only"),
        (
            {"engines": [{"engine": "a", "upstream": "CogVideoX-5B"}], "seconds": [6, 60]},
            "has 60, which no engine",
        ),
        (
            {"engines": ["b", {"engine": "a", "upstream": "CogVideoX-5B", "seconds": [60]}]},
            "has 60, which CogVideoX-5B cannot render",
        ),
        ({"engines": [{"engine": "a", "price": {"credits": 1, "per": "picture"}}]}, "price.per"),
    ],
    ids=["two-ways", "twice", "overflow", "lengths", "length", "price"],
)
def test_engines_that_do_not_go_together_are_refused(given: dict[str, Any], rule: str) -> None:
    with pytest.raises(HinodeError, match=rule):
        catalog(**given)


def workflow_catalog(seconds: int, upstream: str | None = "wan5b", **rule: Any) -> Catalog:
    """A model that a workflow of ComfyUI renders, with the rule that its settings state."""
    workflow = {"file": "w.json", "output": "4", "bind": {"prompt": "1.text"}, **rule}
    engine = {
        "kind": "comfyui",
        "url": "http://127.0.0.1:8188",
        "origin": "trained",
        "workflows": {"wan5b": workflow},
    }
    model = {"engine": "studio", "upstream": upstream, "seconds": [seconds], "price": 1}
    return build_catalog(load_settings(engines={"studio": engine}, models={"mine": model}))


@pytest.mark.parametrize("upstream", ["wan5b", None], ids=["named", "the only one"])
@pytest.mark.parametrize(
    ("rule", "seconds", "plan"),
    [
        ({"model": "Wan2.2-TI2V-5B"}, 5, "1280x704 121 24"),
        (
            {
                "sizes": ["640x352", "352x640"],
                "frames": {"step": 8, "remainder": 1, "usual": 97, "max": 97},
                "fps": 16,
            },
            6,
            "640x352 97 16",
        ),
    ],
    ids=["known model", "own"],
)
def test_the_rule_of_a_workflow_is_its_models(
    upstream: str | None, rule: dict[str, Any], seconds: int, plan: str
) -> None:
    served = workflow_catalog(seconds, upstream, **rule)
    found = served.resolve(GenerationParams(model="mine"), MediaKind.VIDEO).plan
    assert f"{found.size} {found.frames} {found.fps}" == plan


def test_a_length_beyond_the_rule_of_a_workflow_is_refused_at_the_start() -> None:
    rule: dict[str, Any] = {"sizes": ["640x352"], "frames": {"usual": 49, "max": 49}, "fps": 16}
    with pytest.raises(HinodeError, match="has 9, which wan5b cannot render"):
        workflow_catalog(9, **rule)
