"""The tables of hosted models against what the official SDKs' own types allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hinode import load_settings
from hinode.components import build_catalog
from hinode.config.models import ModelSettings, PriceSettings
from hinode.core.catalog.params import GenerationParams
from hinode.core.errors import HinodeError
from hinode.engines.ark.provider import ArkProvider
from hinode.engines.ark.settings import ArkSettings
from hinode.engines.base import (
    EngineError,
    MediaKind,
    Parameter,
    RenderParameters,
    RenderSpec,
)
from hinode.engines.dashscope.provider import DashScopeProvider
from hinode.engines.dashscope.settings import DashScopeSettings
from hinode.engines.gemini.provider import GeminiProvider
from hinode.engines.gemini.settings import GeminiSettings
from hinode.engines.hosted import paid_provider
from hinode.engines.hosted.provider import COST, CREDITS, ID, Provider
from hinode.engines.hosted.settings import ProviderSettings
from hinode.engines.kinds import engine_kinds
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.runway.provider import RunwayProvider
from hinode.engines.runway.settings import RunwaySettings
from hinode.engines.xai.provider import XaiProvider
from hinode.engines.xai.settings import XaiSettings
from hinode.hosted_models.runway import MODELS
from hinode.hosted_models.types import FPS, Ability, HostedModel, find_model
from hinode.kit.ids import new_id
from hinode.media.size import Size
from tests.support.upstreams.recorded import Recorded

TABLES = {
    name: kind.settings.known_models
    for name, kind in engine_kinds().items()
    if issubclass(kind.settings, ProviderSettings)
}
HOSTED_MODELS = [one for models in TABLES.values() for one in models]
PARAMETERS = RenderParameters(negative_prompt="rain", generate_audio=True)
SPEC = RenderSpec(
    job_id=new_id(), kind=MediaKind.VIDEO, prompt="a fox", width=1280, height=720, fps=FPS,
    frames=8 * FPS, seed=1, model="veo3.1",
)  # fmt: skip
RUNWAY = RunwayProvider(RunwaySettings.model_validate({"kind": "runway", "key": "a-key"}))
PROVIDERS: dict[str, Provider] = {
    "ark": ArkProvider(ArkSettings.model_validate({"kind": "ark", "key": "a-key"})),
    "dashscope": DashScopeProvider(
        DashScopeSettings.model_validate({"kind": "dashscope", "key": "a-key"})
    ),
    "gemini": GeminiProvider(GeminiSettings.model_validate({"kind": "gemini", "key": "a-key"})),
    "xai": XaiProvider(XaiSettings.model_validate({"kind": "xai", "key": "a-key"})),
}


@pytest.fixture
def picture(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A picture that is taken to be as its model wants it: to scale hundreds takes long."""
    monkeypatch.setattr(paid_provider, "data_url", lambda *_: "data:image/png;base64,AA==")
    return Path("first.png")


def specs(model: HostedModel, picture: Path) -> Iterator[RenderSpec]:
    """Every length in the usual size, and every size in the usual length, with all inputs."""
    wanted = [(model.canvases[0].size, one) for one in model.seconds]
    wanted += [(one.size, model.usual) for one in model.canvases]
    for size, seconds in wanted:
        spec = RenderSpec(
            job_id=new_id(), kind=MediaKind.VIDEO, prompt="a fox", width=size.width,
            height=size.height, fps=FPS, frames=seconds * FPS, seed=2**32 - 1,
            model=model.name, parameters=PARAMETERS,
        )  # fmt: skip
        if Ability.TEXT in model.abilities:
            yield spec
        if Ability.FIRST_FRAME in model.abilities:
            spec = replace(spec, first_frame=picture)
            yield spec
            if Ability.LAST_FRAME in model.abilities:
                yield replace(spec, last_frame=picture)


@pytest.mark.parametrize("model", MODELS, ids=lambda one: one.name)
def test_what_runway_is_asked_for_is_what_its_sdk_allows(model: HostedModel, picture: Path) -> None:
    recorded = Recorded("runwayml")
    for spec in specs(model, picture):
        call = RUNWAY.create(spec, None)
        assert call.json is not None
        name = f"{call.path.removeprefix('/v1/')} {model.name}"
        assert recorded.troubles(name, dict(call.json)) == [], spec


@pytest.mark.parametrize("kind", TABLES)
def test_each_name_is_one_model(kind: str) -> None:
    names = [one.name for one in TABLES[kind]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("model", HOSTED_MODELS, ids=lambda one: one.name)
def test_the_rule_of_frames_has_the_lengths_and_sizes_of_the_model(model: HostedModel) -> None:
    assert len({b - a for a, b in pairwise(model.seconds)}) <= 1
    assert model.usual in model.seconds
    assert model.rule.native_seconds == model.usual
    for seconds in model.seconds:
        assert model.rule.frames(seconds) == seconds * FPS
        assert model.fitted_seconds(seconds) == seconds
    assert model.rule.frames(1000) == model.seconds[-1] * FPS
    assert model.rule.frames(0) == model.seconds[0] * FPS
    assert model.fitted_seconds(1000) is None
    for canvas in model.canvases:
        assert canvas.size.width % 2 == canvas.size.height % 2 == 0
        assert model.canvas(canvas.size) == canvas
    assert model.canvas(Size(10, 10)) is None


def test_the_catalog_fits_requests_to_a_hosted_model() -> None:
    engines = {"runway": {"kind": "runway", "key": "a-key"}}
    given = ModelSettings(engine="runway", upstream="veo3.1")
    catalog = build_catalog(load_settings(engines=engines, models={"sora-2": given}))
    wanted = GenerationParams(model="sora-2", size="720x1280", seconds="4")
    plan = catalog.resolve(wanted, MediaKind.VIDEO).plan
    assert (plan.size, plan.frames, plan.fps) == (Size(720, 1280), 4 * FPS, FPS)
    for seconds in ("10", "12"):
        with pytest.raises(HinodeError, match="not a length"):
            catalog.resolve(replace(wanted, seconds=seconds), MediaKind.VIDEO)
    wrong = ModelSettings(engine="runway", upstream="veo3.1", seconds=(10,))
    with pytest.raises(HinodeError, match=r"has 10, which veo3\.1 cannot render"):
        build_catalog(load_settings(engines=engines, models={"sora-2": wrong}))
    price = PriceSettings(credits=9)
    given = ModelSettings(engine="runway", upstream="kling2.5_turbo_pro", price=price)
    new = build_catalog(load_settings(engines=engines, models={"kling": given}))
    plan = new.resolve(GenerationParams(model="kling", seconds="10"), MediaKind.VIDEO).plan
    assert (plan.size, plan.seconds) == (Size(1280, 720), 10)


def test_what_a_model_cannot_make_is_not_sent(picture: Path) -> None:
    spec = SPEC
    cases = (
        (replace(spec, frames=20 * FPS), "4, 6, 8 seconds, not of 20"),
        (replace(spec, width=1000), "1920x1080, 1080x1920, not of 1000x720"),
        (replace(spec, model="gen4_turbo"), "needs a picture"),
        (replace(spec, last_frame=picture), "only with a first frame"),
        (replace(spec, model="gen4.5", first_frame=picture, last_frame=picture), "last frame"),
    )
    for wrong, said in cases:
        with pytest.raises(UpstreamError, match=said) as caught:
            RUNWAY.create(wrong, None)
        assert caught.value.failure_kind is FailureKind.INVALID_REQUEST


def parameters_of(kind: str, model: str) -> frozenset[Parameter]:
    return PROVIDERS[kind].capabilities().models[model].parameters


def test_inputs_that_a_model_cannot_take_are_known_before_a_job_is_created() -> None:
    models = RUNWAY.capabilities().models
    assert models["gen4_turbo"].needs_picture
    assert not models["veo3.1"].needs_picture
    assert models["veo3.1"].first_frame
    assert all(one.last_frame_needs_first for one in models.values())
    assert Parameter.LAST_FRAME not in models["gen4.5"].parameters
    assert Parameter.LAST_FRAME in models["veo3.1"].parameters
    # That of text takes no picture itself, but its family does.
    of_text = PROVIDERS["dashscope"].capabilities().models["wan2.7-t2v"]
    assert (of_text.needs_picture, of_text.first_frame) == (False, True)
    assert Parameter.LAST_FRAME in of_text.parameters
    assert Parameter.LAST_FRAME not in parameters_of("dashscope", "wan2.6-t2v")
    assert Parameter.NEGATIVE_PROMPT not in parameters_of("dashscope", "happyhorse-1.0-t2v")
    assert PROVIDERS["dashscope"].capabilities().models["wan2.7-i2v"].needs_picture


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("SAFETY.INPUT.TEXT", FailureKind.MODERATION),
        ("SAFETY.OUTPUT.VIDEO", FailureKind.MODERATION),
        ("INPUT_PREPROCESSING.SAFETY.TEXT", FailureKind.MODERATION),
        ("INPUT_PREPROCESSING.SAFETY.THIRD_PARTY", FailureKind.MODERATION),
        ("INPUT_PREPROCESSING.INTERNAL", FailureKind.RENDER_FAILED),
        ("INTERNAL.BAD_OUTPUT.CODE01", FailureKind.RENDER_FAILED),
        ("THIRD_PARTY.UNAVAILABLE", FailureKind.RENDER_FAILED),
        ("ASSET.INVALID", FailureKind.RENDER_FAILED),
    ],
)
def test_a_failure_code_of_runway_tells_moderation_from_the_rest(
    code: str, kind: FailureKind
) -> None:
    task = {"id": "t1", "status": "FAILED", "failureCode": code, "failure": "It failed."}
    failure = RUNWAY.read(task, {ID: "t1"}).failure
    assert failure is not None
    assert failure.failure_kind is kind


def test_the_operator_adds_parameters_and_names_the_usual_model() -> None:
    given = {"kind": "runway", "key": "a-key", "model": "gen4.5"}
    named = RunwayProvider(
        RunwaySettings.model_validate({**given, "parameters": ["negative_prompt"]})
    )
    models = named.capabilities().models
    assert models[""] == models["gen4.5"]
    assert Parameter.NEGATIVE_PROMPT in models["gen4.5"].parameters
    call = named.create(replace(SPEC, model="gen4.5", parameters=PARAMETERS, frames=5 * FPS), None)
    assert call.json is not None
    assert call.json["negativePrompt"] == "rain"


OF_TEXT = [one for one in HOSTED_MODELS if one.with_picture]


@pytest.mark.parametrize("model", OF_TEXT, ids=lambda one: one.name)
def test_the_model_for_pictures_has_the_sizes_and_lengths_of_its_family(model: HostedModel) -> None:
    of_picture = find_model(HOSTED_MODELS, model.with_picture)
    assert of_picture is not None
    assert set(model.canvases) <= set(of_picture.canvases)
    assert set(model.seconds) <= set(of_picture.seconds)


RECORDED_REQUESTS = {
    "ark": "byteplus-python-sdk-v2",
    "dashscope": "dashscope",
    "xai": "xai-sdk",
    "gemini": "google-genai",
}


@pytest.mark.parametrize("kind", RECORDED_REQUESTS)
def test_other_providers_are_asked_in_the_shape_of_their_sdk(kind: str, picture: Path) -> None:
    recorded = Recorded(RECORDED_REQUESTS[kind])
    provider = PROVIDERS[kind]
    for model in TABLES[kind]:
        for spec in specs(model, picture):
            call = provider.create(spec, None)
            assert call.json is not None
            assert recorded.troubles("request", dict(call.json)) == [], spec


def test_a_size_is_spelled_as_each_model_of_dashscope_wants_it(picture: Path) -> None:
    def request(model: str, first_frame: Path | None = None) -> dict[str, Any]:
        call = PROVIDERS["dashscope"].create(
            replace(SPEC, model=model, first_frame=first_frame, frames=5 * FPS), None
        )
        assert call.json is not None
        return dict(call.json)

    new = request("wan2.7-t2v")["parameters"]
    assert (new["resolution"], new["ratio"]) == ("720P", "16:9")
    assert request("wan2.6-t2v")["parameters"]["size"] == "1280*720"
    of_picture = request("wan2.7-t2v", picture)
    assert of_picture["model"] == "wan2.7-i2v"
    assert of_picture["input"]["media"][0]["type"] == "first_frame"
    assert "ratio" not in of_picture["parameters"]
    legacy = request("wan2.6-t2v", picture)
    assert legacy["model"] == "wan2.6-i2v"
    assert legacy["input"]["img_url"].startswith("data:image/")


@pytest.mark.parametrize(
    ("cost", "per_unit", "expected"),
    [
        (25, None, (25, None)),
        (25, 2, (25, 50)),
        (30, 0.1, (30, 3)),
        (25, 0.1, (25, 3)),
        (0, 2, (0, 0)),
        (4_000_000_000, 1e-8, (4_000_000_000, 40)),
        (None, 2, (None, None)),
        ("25", 2, (None, None)),
        (-1, 2, (None, None)),
        (float("nan"), 2, (None, None)),
        (1e300, 2, (None, None)),
    ],
)
def test_what_a_provider_says_is_turned_into_our_credits(
    cost: object, per_unit: float | None, expected: tuple[int | None, int | None]
) -> None:
    given = {"kind": "runway", "key": "a-key", "credits_per_unit": per_unit}
    provider = RunwayProvider(RunwaySettings.model_validate(given))
    details = provider.result("succeeded", ["http://x"], cost=cost).details
    assert (details[COST], details[CREDITS]) == expected


def test_an_experimental_kind_is_off_until_it_is_turned_on() -> None:
    kind = engine_kinds()["minimax"]
    given = {"kind": "minimax", "key": "a-key"}
    with pytest.raises(EngineError, match="experimental = true"):
        kind.create("studio", kind.settings.model_validate(given), None)
    settings = kind.settings.model_validate({**given, "experimental": True})
    assert kind.create("studio", settings, None).capabilities().hosted


def test_a_model_that_nobody_knows_is_asked_for_as_it_stands() -> None:
    spec = RenderSpec(
        job_id=new_id(), kind=MediaKind.VIDEO, prompt="a fox", width=1000, height=500, fps=30,
        frames=210, seed=1, model="gen9", parameters=PARAMETERS,
    )  # fmt: skip
    assert RUNWAY.create(spec, None).json == {
        "model": "gen9", "promptText": "a fox", "duration": 7, "ratio": "1000:500",
        "negativePrompt": "rain", "audio": True,
    }  # fmt: skip
