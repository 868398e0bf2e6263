"""How models are loaded: one schema, which refuses what a device that is named has not."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hinode.engines.diffusers.settings import DiffusersSettings
from hinode.engines.diffusers.weights.load_options import LoadOptions, Placement, Quantization

NAME = "owner/name"


def settings(**given: Any) -> DiffusersSettings:
    return DiffusersSettings.model_validate({"kind": "diffusers", **given})


def test_a_model_s_own_table_goes_before_the_engine_s() -> None:
    made = settings(
        devices=["cuda:0"], offload="model", quantization="int8", compile=True, dtype="float16",
        models={NAME: {"offload": "none", "quantization": "fp8", "compile": False,
                       "vae_tiling": False, "attention": "sage"}},
    )  # fmt: skip
    assert made.load_settings(NAME).load_options == LoadOptions(
        Placement.RESIDENT, "float16", False, "sage", Quantization.FP8, False
    )
    assert made.load_settings("other").load_options == LoadOptions(
        Placement.MODEL_OFFLOAD, "float16", True, None, Quantization.INT8, True
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"devices": "cpu", "offload": "group"}, "leave it out"),
        ({"devices": "mps", "offload": "model"}, "leave it out"),
        ({"devices": "cpu", "models": {NAME: {"offload": "model"}}}, "of the model owner/name"),
        ({"devices": "mps", "quantization": "fp8"}, 'take quantization = "int8"'),
        ({"attention": "flash_hub"}, "downloads code"),
        ({"attention": "Flash 2"}, "match pattern"),
        ({"quantization": "int4"}, "'fp8', 'int8' or 'gguf'"),
        ({"dtype": "float8"}, "'bfloat16', 'float16' or 'float32'"),
        ({"offload": "disk"}, "'none', 'model' or 'group'"),
        ({"compile": "often"}, "boolean"),
        ({"loras": []}, "Extra inputs"),
    ],
)
def test_what_cannot_be_is_refused_with_its_remedy(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**given)
    assert told in str(refused.value)


def test_what_a_device_has_is_taken() -> None:
    # What `auto` finds is seen at the load: a host without a card may share the settings.
    for given in (
        {"devices": "auto", "offload": "group"},
        {"devices": "cpu", "offload": "none", "quantization": "fp8"},
        {"devices": "mps", "quantization": "int8"},
    ):
        settings(**given)
