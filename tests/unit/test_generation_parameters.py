"""Generation parameters: read at the edge, resolved to a plan, fitted to what engines take."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hinode.api.openai.video_requests import CreateVideo
from hinode.api.parsing import parse
from hinode.api.request_errors import RequestError
from hinode.config.settings import Settings
from hinode.core.catalog.builtin import builtin_models
from hinode.core.catalog.capabilities import EngineCapabilities, parameter_support
from hinode.core.catalog.configured_models import with_configured_models
from hinode.core.catalog.params import GenerationParams
from hinode.core.catalog.service import Catalog
from hinode.core.catalog.types import Model, Route
from hinode.core.errors import HinodeError
from hinode.core.jobs.options import JobOptions, dump_options, load_options
from hinode.core.jobs.parameter_fit import fit_request
from hinode.core.jobs.requests import VideoRequest
from hinode.kit.dataclass_json import decode, encode
from hinode.media.parameters import POST_PARAMETERS, Lora, Parameter, RenderParameters
from hinode.media.size import Size
from hinode.media.types import JobAction, MediaKind, Style
from hinode.open_models.frames import FrameRule

INK = {"ink": "/loras/ink.safetensors", "wool": "wool"}
CATALOG = Catalog(builtin_models("preview"), {MediaKind.VIDEO: "sora-2"})
SORA_2, PRO = CATALOG.get("sora-2"), CATALOG.get("sora-2-pro")
RULED = replace(
    SORA_2, id="wan", rule=FrameRule((Size(832, 480), Size(480, 832)), 16, 4, 1, 81, None), fps=16
)


def read(**fields: Any) -> GenerationParams:
    """The generation parameters of a create with these fields."""
    return parse(CreateVideo, {"prompt": "a fox", **fields}).params()


def plan(**fields: Any) -> tuple[str, int, int, int, int]:
    """Size, frames, rate, seconds and price of a create."""
    found = CATALOG.resolve(read(**fields), MediaKind.VIDEO)
    made = found.plan
    return str(made.size), made.frames, made.fps, made.seconds, found.price


@pytest.mark.parametrize(
    ("fields", "frames", "fps", "seconds", "price"),
    [
        ({"num_frames": 49, "fps": 24}, 49, 24, 2, 50),
        ({"num_frames": "49", "fps": "24.0"}, 49, 24, 2, 50),
        ({"num_frames": 49}, 49, 30, 2, 50),
        ({"num_frames": 1}, 1, 30, 1, 25),
        ({"num_frames": 750}, 750, 30, 25, 625),
        ({"fps": 24, "seconds": "8"}, 192, 24, 8, 200),
        ({"fps": 60}, 240, 60, 4, 100),
        ({"num_frames": 49, "fps": 24, "seconds": 2}, 49, 24, 2, 50),
        ({"num_frames": 97, "fps": 24, "duration": "4s"}, 97, 24, 4, 100),
        ({"model": "sora_video2-10s", "num_frames": 290}, 290, 30, 10, 250),
    ],
)
def test_frames_and_rate_come_before_seconds_and_the_price_follows(
    fields: dict[str, Any], frames: int, fps: int, seconds: int, price: int
) -> None:
    assert plan(**fields)[1:] == (frames, fps, seconds, price)


@pytest.mark.parametrize(
    ("fields", "param", "rule"),
    [
        ({"num_frames": 49, "fps": 24, "seconds": "8"}, "num_frames", "'seconds' (8 s)"),
        ({"num_frames": 49, "duration": 4}, "num_frames", "'duration' (4 s)"),
        ({"model": "sora_video2-10s", "num_frames": 49}, "num_frames", "model 'sora_video2-10s'"),
        ({"num_frames": 751}, "num_frames", "The maximum at 30 fps is 750."),
        ({"num_frames": 26, "fps": 1}, "num_frames", "The maximum at 1 fps is 25."),
        ({"fps": 61}, "fps", "1 to 60"),
        ({"fps": 60, "seconds": "25"}, "fps", "the maximum is 750 frames"),
        ({"num_frames": 1500, "fps": 60}, "num_frames", "the maximum is 750 frames"),
        ({"model": "sora-2-pro", "size": "1920x1080", "num_frames": 601}, "size", "at 20 seconds"),
    ],
)
def test_a_length_beyond_the_models_bounds_is_refused(
    fields: dict[str, Any], param: str, rule: str
) -> None:
    with pytest.raises(HinodeError) as caught:
        plan(**fields)
    assert rule in str(caught.value)
    assert caught.value.param == param


def test_frames_of_a_ruled_model_are_legal_ones() -> None:
    catalog = Catalog([RULED], {MediaKind.VIDEO: "wan"})

    made = catalog.resolve(read(num_frames=49), MediaKind.VIDEO).plan
    assert (made.frames, made.fps, made.seconds) == (49, 16, 3)
    assert catalog.resolve(read(num_frames=65, seconds=4), MediaKind.VIDEO).plan.frames == 65
    with pytest.raises(HinodeError, match=r"4n\+1 frames.*The nearest is 49"):
        catalog.resolve(read(num_frames=50), MediaKind.VIDEO)


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({"resolution": "720p"}, "720x1280"),
        ({"resolution": "720p", "orientation": "landscape"}, "1280x720"),
        ({"resolution": "1280x720"}, "1280x720"),
        ({"resolution": "1280x720", "size": "1280x720", "width": 1280, "height": 720}, "1280x720"),
        ({"resolution": 720, "size": "1280x720"}, "1280x720"),
        ({"model": "sora-2-pro", "resolution": "1080P", "aspect_ratio": "16:9"}, "1920x1080"),
        ({"model": "sy_8", "resolution": "720p", "aspect_ratio": "16:9"}, "1280x704"),
        ({"model": "sora_video2", "resolution": "480p", "aspect_ratio": "16:9"}, "1280x720"),
    ],
)
def test_a_resolution_selects_among_the_sizes(fields: dict[str, Any], size: str) -> None:
    assert plan(**fields)[0] == size


@pytest.mark.parametrize(
    ("fields", "one", "other"),
    [
        ({"size": "1280x720", "resolution": "1080p"}, "size", "resolution"),
        ({"width": 1280, "height": 720, "resolution": "1080p"}, "width", "resolution"),
        ({"width": 1280, "height": 720, "resolution": "720x1280"}, "width", "resolution"),
        ({"width": 1280, "height": 720, "aspect_ratio": "9:16"}, "width", "aspect_ratio"),
        ({"size": "1280x720", "orientation": "portrait"}, "size", "orientation"),
        ({"orientation": "portrait", "aspect_ratio": "1:1"}, "aspect_ratio", "orientation"),
    ],
)
def test_two_shapes_that_disagree_are_refused_with_both_names(
    fields: dict[str, Any], one: str, other: str
) -> None:
    with pytest.raises(HinodeError) as caught:
        read(**fields)
    assert f"'{one}' and '{other}'" in str(caught.value)
    assert caught.value.param == one


@pytest.mark.parametrize("wanted", ["480p", "2160", "4k"])
def test_a_resolution_that_the_model_lacks_is_refused(wanted: str) -> None:
    with pytest.raises(HinodeError, match="Supported values are: '720p'"):
        plan(resolution=wanted)


@pytest.mark.parametrize("sent", [{"a": 1}, "big", "72p", True])
def test_a_resolution_is_lines(sent: Any) -> None:
    with pytest.raises(HinodeError) as caught:
        read(resolution=sent)
    assert caught.value.param == "resolution"


FULL = RenderParameters(
    num_frames=49,
    fps=24,
    negative_prompt="rain",
    num_inference_steps=30,
    guidance_scale=6.5,
    guidance_scale_2=3.0,
    generate_audio=False,
    lora=(Lora("ink", 0.8), Lora("wool")),
    extra_params={"flow_shift": 3.5, "mode": "fast", "tile": True},
)
AS_JSON = {
    "num_frames": 49,
    "fps": 24,
    "negative_prompt": "rain",
    "num_inference_steps": 30,
    "guidance_scale": 6.5,
    "guidance_scale_2": 3,
    "generate_audio": False,
    "lora": [{"name": "ink", "weight": 0.8}, "wool"],
    "extra_params": {"tile": True, "mode": "fast", "flow_shift": 3.5, "none": None},
}


def test_parameters_mean_the_same_as_json_as_form_and_by_other_names() -> None:
    form = {name: str(value) for name, value in AS_JSON.items()} | {
        "generate_audio": "false",
        "lora": json.dumps(AS_JSON["lora"]),
        "extra_params": {"tile": "true", "mode": "fast", "flow_shift": "3.5"},
    }
    other = {name: one for name, one in AS_JSON.items() if name != "num_inference_steps"}
    other |= {"steps": 30, "generate_sound": False, "extra_params": json.dumps(
        AS_JSON["extra_params"])}  # fmt: skip

    for sent in (AS_JSON, form, other):
        assert read(**sent).render == FULL


def test_parameters_are_kept_with_the_job() -> None:
    options = JobOptions(style=Style.ANIME, parameters=FULL, ignored=("seed",))
    assert load_options(dump_options(options)) == options


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lora", "https://a.example/x.safetensors"),
        ("lora", {"name": "ink", "local_path": "/etc/x"}),
        ("lora", {"name": "ink", "weight": 2.1}),
        ("lora", {"name": "ink", "weight": "nan"}),
        ("lora", {"name": "ink", "weight": True}),
        ("lora", ["ink", "ink"]),
        ("lora", ["a", "b", "c", "d", "e"]),
        ("lora", '{"name": '),
        ("lora", "[" * 10_000),
        ("extra_params", "plain"),
        ("extra_params", {"a b": 1}),
        ("extra_params", {"a": "x" * 201}),
        ("extra_params", {"a": [1]}),
        ("extra_params", {"a": {"b": 1}}),
        ("extra_params", {"a": 10**400}),
        ("extra_params", '{"a": NaN}'),
        ("extra_params", {"a": "\ud800"}),
        ("extra_params", {"image": "data:image/png;base64,AAAA"}),
        ("extra_params", {f"p{n}": n for n in range(21)}),
        ("negative_prompt", "\x00"),
        ("style", "vivid"),
    ],
)
def test_a_value_that_is_no_parameter_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises((HinodeError, RequestError)) as caught:
        read(**{field: value})
    assert str(getattr(caught.value, "param", None)).startswith(field)


ALL = frozenset(Parameter)


def capabilities(parameters: frozenset[Parameter], *extra: str) -> EngineCapabilities:
    return EngineCapabilities(
        description="It renders.",
        licence="Apache-2.0",
        audio=True,
        kinds=frozenset(MediaKind),
        actions=frozenset(JobAction),
        first_frame=True,
        max_outputs=4,
        parameters=parameters,
        extra_params=frozenset(extra),
        max_loras=2,
    )


def fit(
    engines: dict[str, EngineCapabilities], model: Model, *, strict: bool = False
) -> VideoRequest:
    params = GenerationParams(seed=7, render=FULL)
    request = VideoRequest("a fox", params, style=Style.ANIME, strict=strict)
    return fit_request(request, model, parameter_support(engines, model))


def test_models_of_one_engine_may_take_different_parameters() -> None:
    rich = capabilities(ALL, "flow_shift")
    studio = replace(capabilities(frozenset()), models={"wan": rich, "": rich})
    sent = decode(EngineCapabilities, encode(studio))  # as workers publish it
    assert sent == studio

    engines = {"preview": sent}
    for upstream, taken in (("wan", ALL), (None, ALL), ("plain", frozenset[Parameter]())):
        support = parameter_support(engines, replace(SORA_2, upstream=upstream))
        assert support.parameters == taken - {Parameter.LORA} - POST_PARAMETERS


def test_what_the_engine_takes_is_kept_and_loras_get_their_names_there() -> None:
    engines = {"preview": capabilities(ALL, "flow_shift", "mode", "tile")}
    fitted = fit(engines, replace(SORA_2, loras=INK))

    named = (Lora("ink", 0.8, INK["ink"]), Lora("wool", 1.0, "wool"))
    assert fitted.params.render == replace(FULL, lora=named)
    assert (fitted.params.seed, fitted.style, fitted.ignored) == (7, Style.ANIME, ())


def test_what_an_engine_does_not_take_is_dropped_and_named() -> None:
    engines = {
        "preview": capabilities(ALL - {Parameter.SEED, Parameter.STYLE}, "mode", "tile"),
        "far": capabilities(ALL - {Parameter.GUIDANCE_SCALE}, "mode"),
    }
    routed = replace(SORA_2, routes=tuple(map(Route, engines)))
    fitted = fit(engines, routed)

    dropped: Any = {"guidance_scale": None, "lora": (), "extra_params": {"mode": "fast"}}
    assert fitted.params.render == replace(FULL, **dropped)
    assert (fitted.params.seed, fitted.style) == (None, None)
    assert fitted.ignored == (
        "seed", "style", "guidance_scale", "lora", "extra_params.flow_shift", "extra_params.tile",
    )  # fmt: skip


def test_a_strict_request_is_refused_instead() -> None:
    with pytest.raises(HinodeError, match="does not take 'seed'") as caught:
        fit({"preview": capabilities(frozenset())}, SORA_2, strict=True)
    assert caught.value.param == "seed"


def test_only_listed_loras_are_known() -> None:
    with pytest.raises(HinodeError, match="Supported values are: 'wool'"):
        fit({"preview": capabilities(ALL)}, replace(SORA_2, loras={"wool": "wool"}))


def test_more_loras_than_the_engine_takes_are_refused() -> None:
    engines = {"preview": replace(capabilities(ALL), max_loras=1)}
    with pytest.raises(HinodeError, match="at most 1 LoRA at once, not 2"):
        fit(engines, replace(SORA_2, loras=INK))


def test_children_inherit_what_they_do_not_name_but_no_frames() -> None:
    own = RenderParameters(negative_prompt="snow", extra_params={"mode": "slow"})
    merged = own.inheriting(FULL)

    assert merged == replace(
        FULL,
        num_frames=None,
        fps=None,
        negative_prompt="snow",
        extra_params={"flow_shift": 3.5, "mode": "slow", "tile": True},
    )


def test_an_operator_sets_the_bounds_and_the_loras_of_a_model() -> None:
    given: Any = {"max_fps": 24, "max_total_pixels": 1280 * 720 * 100, "loras": INK}
    settings = Settings(models={"sora-2": given})
    models = {one.id: one for one in with_configured_models(builtin_models("preview"), settings)}

    model = models["sora-2"]
    assert (model.max_fps, model.total_pixels, model.loras) == (24, 1280 * 720 * 100, INK)
    catalog = Catalog(models.values(), {MediaKind.VIDEO: "sora-2"})
    with pytest.raises(HinodeError, match="the maximum is 100 frames"):
        catalog.resolve(read(seconds="4"), MediaKind.VIDEO)
    with pytest.raises(HinodeError, match="'fps' is 1 to 24"):
        catalog.resolve(read(fps=25), MediaKind.VIDEO)
    assert PRO.total_pixels == 1920 * 1080 * 600


PEERS = Path(__file__).parents[1] / "contracts" / "peers"
SHARED = (
    "seed", "num_frames", "fps", "width", "height", "negative_prompt", "num_inference_steps",
    "guidance_scale", "guidance_scale_2", "num_outputs_per_prompt",
)  # fmt: skip


@pytest.mark.parametrize(
    ("peer", "body", "names"),
    [
        ("sglang", "request", SHARED),
        (
            "vllm-omni", "form",
            (*SHARED, "generate_sound", "lora", "extra_params", "input_references"),
        ),
    ],
)  # fmt: skip
def test_the_names_are_those_of_the_peers_protocols(
    peer: str, body: str, names: tuple[str, ...]
) -> None:
    there = json.loads((PEERS / f"{peer}.json").read_text())[body]["properties"]
    here = {*CreateVideo.model_fields, *CreateVideo.synonyms}
    for name in names:
        assert name in there
        assert name in here


@pytest.mark.parametrize(
    ("name", "bound"),
    [("guidance_scale", 20), ("guidance_scale_2", 20), ("num_inference_steps", 200)],
)
def test_the_bounds_are_those_of_vllm_omni(name: str, bound: int) -> None:
    schema = json.loads((PEERS / "vllm-omni.json").read_text())["request"]["properties"][name]
    assert schema["anyOf"][0]["maximum"] == bound
    assert getattr(read(**{name: bound}).render, name) == bound
    with pytest.raises(HinodeError, match=f"'{name}' must be"):
        read(**{name: bound + 1})
