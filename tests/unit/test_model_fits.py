"""How a model fits the devices of the engines that render it, by their settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hinode import load_settings
from hinode.cli import model_fits
from hinode.cli.check_result import CheckStatus
from hinode.cli.model_check import check_model
from hinode.cli.model_fits import Fit
from hinode.cli.open_models_check import check_open_models
from hinode.engines.diffusers.weights.machine import Card
from hinode.engines.diffusers.weights.memory import GIB
from tests.support.open_models import model_files, write_model

Fits = Callable[..., list[Fit]]
NUMBERS = 4000


@pytest.fixture
def fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fits:
    """Return how a model fits by the table of an engine, on a machine with two cards."""
    large = dict.fromkeys(("transformer", "text_encoder", "vae"), ("BF16", NUMBERS))
    folder = write_model(tmp_path / "wan", model_files(weights=large))
    two = [Card("A", 24 * GIB, 20 * GIB, 0, "GPU-1a"), Card("B", 8 * GIB, 1 * GIB, 1, "GPU-2b")]
    monkeypatch.setattr(model_fits, "cards", lambda: two)
    monkeypatch.setattr(model_fits, "free_host_memory", lambda: 60 * GIB)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")

    def checked(**table: Any) -> list[Fit]:
        engines = {"local": {"kind": "diffusers", **table}} if table else {}
        models: Any = {"sora-2": {"engine": "local", "upstream": str(folder)}} if table else {}
        settings = load_settings(data=tmp_path / "data", engines=engines, models=models)
        return list(check_model(str(folder), settings).fits)

    return checked


def test_each_card_is_checked_by_the_settings_of_the_engine(fits: Fits) -> None:
    first, second = fits(quantization="fp8", devices=["cuda:0", "cuda:1"])
    assert (first.label, second.label) == ("local, cuda:0 A", "local, cuda:1 B")
    assert first.to_object()["settings"] == {"quantization": "fp8"}
    assert (first.problem, first.plan.placement) == (None, "resident")
    assert second.problem == "Free memory, or take a smaller model."
    assert "all weights on the card (quantization fp8); expected peak" in str(first)
    assert str(second).endswith("does not fit (quantization fp8); expected peak "
                                f"{model_fits.gib(second.plan.card_peak)} on the card, "
                                f"{model_fits.gib(second.plan.host_peak)} on the host. "
                                "Free memory, or take a smaller model.")  # fmt: skip


def test_a_forced_placement_that_does_not_fit_is_told(fits: Fits) -> None:
    (one,) = fits(offload="model", devices=["cuda:1"])
    assert (one.plan.placement, one.to_object()["fits"]) == ("model_offload", False)


def test_without_an_engine_the_usual_settings_count(fits: Fits) -> None:
    assert [(one.engine, one.set_options) for one in fits()] == [("", {}), ("", {})]


@pytest.mark.parametrize(
    ("visible", "labels"),
    [
        ("1", ["cuda:0 B"]),
        ("GPU-2,GPU-1a", ["cuda:0 B", "cuda:1 A"]),
        ("1,-1,0", ["cuda:0 B"]),  # CUDA sees none after one that is not there
        ("MIG-7f", ["cuda:0"]),  # a part of a card, whose memory is not that of the card
        ("NoDevFiles", ["cpu"]),
    ],
)
def test_cards_are_those_that_cuda_shows(
    fits: Fits, monkeypatch: pytest.MonkeyPatch, visible: str, labels: list[str]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert [one.device for one in fits()] == labels


def test_a_card_that_is_not_there_is_told(fits: Fits) -> None:
    (one,) = fits(devices=["cuda:7"])
    assert one.problem == "the driver tells of no such card, or not its memory"


def test_what_the_found_device_cannot_is_told(fits: Fits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    (one,) = fits(offload="group")
    assert one.device == "cpu"
    assert "leave it out" in str(one.problem)


def test_doctor_tells_what_would_happen(fits: Fits, tmp_path: Path) -> None:
    folder = tmp_path / "wan"
    for devices, status, told in (
        (["cuda:0"], CheckStatus.OK, f"{folder}: resident on cuda:0 A"),
        (["cuda:1"], CheckStatus.ERROR, "local, cuda:1 B: Free memory"),
    ):
        settings = load_settings(
            data=tmp_path / "data",
            engines={"local": {"kind": "diffusers", "devices": devices}},
            models={"sora-2": {"engine": "local", "upstream": str(folder)}},
        )
        found = check_open_models(settings)
        assert found.status is status
        assert told in found.detail
