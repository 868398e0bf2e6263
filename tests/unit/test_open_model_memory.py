"""Where weights go by free memory, with the published sizes of models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hinode.engines.diffusers.weights.facts import Component, ModelFacts
from hinode.engines.diffusers.weights.load_options import LoadOptions, Placement, Quantization
from hinode.engines.diffusers.weights.machine import Card, free_host_memory, parse_cards
from hinode.engines.diffusers.weights.memory import GIB, Memory, plan_memory
from hinode.engines.diffusers.weights.remedies import memory_remedy
from hinode.media.types import MediaKind
from hinode.open_models.checkpoints import find


def model(name: str, **gigabytes: float) -> ModelFacts:
    """Return a model with the gigabytes of its components in bfloat16; its VAE is in float32."""
    parts = tuple(
        Component(part, "AutoencoderKLWan" if part == "vae" else part, sizes, sizes)
        for part, size in gigabytes.items()
        for sizes in [{"F32" if part == "vae" else "BF16": int(size * GIB)}]
    )
    return ModelFacts(Path(), "", MediaKind.VIDEO, True, False, False, None, parts, (), find(name))


WAN_5B = model("Wan2.2-TI2V-5B", transformer=10, text_encoder=11.4, vae=2.8)
SMALL_VAE = model("Wan2.2-TI2V-5B", transformer=10, text_encoder=11.4, vae=0.5)
WAN_14B = model("Wan2.2-A14B", transformer=28.6, transformer_2=28.6, text_encoder=11.4, vae=0.5)


@pytest.mark.parametrize(
    ("facts", "card", "host", "placement"),
    [
        (WAN_5B, 80, 64, Placement.RESIDENT),
        (WAN_5B, 24, 64, Placement.MODEL_OFFLOAD),
        (WAN_5B, 12, 64, Placement.GROUP_OFFLOAD),
        (WAN_5B, 12, 16, Placement.NONE),  # the host holds what the card does not
        (WAN_5B, 4, 64, Placement.NONE),
        (WAN_5B, None, 64, Placement.HOST),
        (WAN_5B, None, 16, Placement.NONE),
        (WAN_14B, 139, 128, Placement.RESIDENT),
        (WAN_14B, 48, 128, Placement.MODEL_OFFLOAD),  # the experts are on the card one by one
        (WAN_14B, 24, 128, Placement.GROUP_OFFLOAD),
        (WAN_14B, 24, 64, Placement.NONE),
    ],
)
def test_the_placement_follows_free_memory(
    facts: ModelFacts, card: int | None, host: int, placement: Placement
) -> None:
    free = Memory(card and card * GIB, host * GIB)

    plan = plan_memory(facts, free)

    assert plan.placement is placement
    if placement is not Placement.NONE:
        assert plan.card_peak <= (free.card or 0)
        assert plan.host_peak <= free.host


def placement(facts: ModelFacts, card: int | None, host: int, **options: Any) -> Placement:
    free = Memory(card and card * GIB, host * GIB)
    return plan_memory(facts, free, LoadOptions(**options)).placement


def test_narrow_numbers_need_less() -> None:
    assert placement(WAN_5B, 24, 64) is Placement.MODEL_OFFLOAD
    for quantization in Quantization:
        assert placement(WAN_5B, 24, 64, quantization=quantization) is Placement.RESIDENT
    assert placement(WAN_5B, 24, 64, dtype="float32") is Placement.GROUP_OFFLOAD
    assert placement(WAN_5B, None, 48) is Placement.NONE
    assert placement(WAN_5B, None, 48, dtype="bfloat16") is Placement.HOST


def test_a_placement_of_the_operator_is_kept_and_judged() -> None:
    forced = LoadOptions(placement=Placement.RESIDENT)
    small, large = (plan_memory(WAN_5B, Memory(card * GIB, 64 * GIB), forced) for card in (24, 80))
    assert (small.placement, small.fits) == (Placement.RESIDENT, False)
    assert (large.placement, large.fits) == (Placement.RESIDENT, True)


@pytest.mark.parametrize(
    ("card", "options", "remedy"),
    [
        (24, {"placement": Placement.RESIDENT}, "Leave 'offload' out."),
        (8, {"dtype": "float32"}, "Leave 'dtype' out."),
        (7, {}, 'Set quantization = "int8".'),
        (2, {}, "Free memory, or take a smaller model."),
    ],
)
def test_what_would_fit_is_told(card: int, options: dict[str, Any], remedy: str) -> None:
    free, given = Memory(card * GIB, 40 * GIB), LoadOptions(**options)
    assert not plan_memory(SMALL_VAE, free, given).fits
    assert memory_remedy(SMALL_VAE, free, given) == remedy


def test_a_vae_is_whole_on_the_card_beside_blocks() -> None:
    by_blocks = LoadOptions(placement=Placement.GROUP_OFFLOAD)
    large, small = (
        plan_memory(one, Memory(80 * GIB, 64 * GIB), by_blocks, activations=0).card_peak
        for one in (WAN_5B, SMALL_VAE)
    )
    assert (large // GIB, small // GIB) == (2, 1)
    assert small == int(11.4 * GIB) // 8


def test_a_long_render_needs_more() -> None:
    free = Memory(32 * GIB, 64 * GIB)

    assert plan_memory(WAN_5B, free, activations=4 * GIB).placement is Placement.RESIDENT
    assert plan_memory(WAN_5B, free, activations=15 * GIB).placement is Placement.MODEL_OFFLOAD


def test_pictures_have_a_usual_size() -> None:
    picture = replace(WAN_5B, checkpoint=None)

    assert plan_memory(picture, Memory(26 * GIB, 64 * GIB)).placement is Placement.RESIDENT


def test_cards_are_read_from_the_drivers_list() -> None:
    listed = (
        "0, GPU-a, NVIDIA H200, 143771, 142000\n1, GPU-b, NVIDIA GB10, [N/A], [N/A]\n\n"
        "2, GPU-c, A, B, 24576, 1024\n"
    )

    mib = 1 << 20
    assert parse_cards(listed) == [
        Card("NVIDIA H200", 143771 * mib, 142000 * mib, 0, "GPU-a"),
        Card("A, B", 24576 * mib, 1024 * mib, 2, "GPU-c"),
    ]


def test_a_containers_limit_counts(tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 99 kB\nMemAvailable:   50 kB\n")
    assert free_host_memory(tmp_path, tmp_path) == 50 * 1024

    (tmp_path / "memory.current").write_text("1000\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert free_host_memory(tmp_path, tmp_path) == 50 * 1024

    (tmp_path / "memory.max").write_text("4000\n")
    assert free_host_memory(tmp_path, tmp_path) == 3000
