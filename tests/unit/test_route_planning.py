"""A request is planned for every route of its model that can meet it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hinode import HinodeError
from hinode.components import build_catalog
from hinode.config.settings import Settings
from hinode.core.auth.types import Caller
from hinode.core.catalog.capabilities import (
    EngineCapabilities,
    Requirements,
    check_capabilities,
    parameter_support,
)
from hinode.core.catalog.service import Catalog, GenerationParams
from hinode.core.catalog.types import Model
from hinode.core.jobs.lifecycle import NewJob
from hinode.core.jobs.new_jobs import video_job
from hinode.core.jobs.parameter_fit import fit_request
from hinode.core.jobs.requests import ShotParams, VideoRequest
from hinode.core.jobs.route_planning import RoutePlanner
from hinode.core.jobs.route_plans import RoutePlan, dump_routes, load_routes
from hinode.core.jobs.types import Job, JobState
from hinode.kit.ids import new_id
from hinode.media.parameters import Parameter, RenderParameters
from hinode.media.types import ArtifactRole, JobAction, MediaKind

CALLER = Caller(new_id(), None, frozenset())
FIRST_FRAME = frozenset({ArtifactRole.UPLOAD})
REFERENCES = frozenset({ArtifactRole.REFERENCE})
STUDIO: dict[str, Any] = {"engine": "studio", "upstream": "Wan2.2-TI2V-5B"}
HOSTED: dict[str, Any] = {
    "engine": "runway",
    "upstream": "gen4.5",
    "sizes": ["1280x720", "720x1280", "1080x1920"],
    "seconds": [5, 10],
    "fps": 24,
    "price": 40,
}


def catalog(*engines: dict[str, Any], **given: Any) -> Catalog:
    model = {"engines": list(engines), **given}
    return build_catalog(Settings.model_validate({"models": {"sora-2": model}}))


def capable(**changes: Any) -> EngineCapabilities:
    given: dict[str, Any] = {
        "description": "",
        "licence": "",
        "audio": False,
        "kinds": frozenset(MediaKind),
        "actions": frozenset(JobAction),
        "first_frame": True,
        "max_outputs": 4,
        "parameters": frozenset({Parameter.SEED, Parameter.NUM_FRAMES}),
        **changes,
    }
    return EngineCapabilities(**given)


def plan(
    served: Catalog,
    request: VideoRequest,
    images: frozenset[ArtifactRole] = frozenset(),
    caller: Caller = CALLER,
    pictures: int = 0,
    **engines: EngineCapabilities,
) -> NewJob:
    known = {"studio": capable(), "runway": capable(hosted=True, first_frame=True), **engines}

    def make(model: Model) -> NewJob:
        return video_job(
            model, "a fox", fit_request(request, model, parameter_support(known, model))
        )

    model = served.get(request.params.model)
    same_seed = request.params.seed is None
    return RoutePlanner(caller, known).over_routes(
        model, make, images, same_seed=same_seed, pictures=pictures
    )


def routes(new: NewJob) -> list[tuple[str, str, int, int, int]]:
    return [
        (one.engine, str(one.plan.size), one.plan.frames, one.plan.fps, one.price)
        for one in new.plans
    ]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        # What a request leaves open, each route fills in with its own first value.
        (
            {},
            [("studio", "704x1280", 97, 24, 100), ("runway", "1280x720", 120, 24, 200)],
        ),
        (
            {"size": "720x1280"},
            [("studio", "704x1280", 97, 24, 100), ("runway", "720x1280", 120, 24, 200)],
        ),
        ({"seconds": "4"}, [("studio", "704x1280", 97, 24, 100)]),
        ({"seconds": "10"}, [("runway", "1280x720", 240, 24, 400)]),
        ({"size": "1080x1920"}, [("runway", "1080x1920", 120, 24, 200)]),
        ({"outputs": 2, "seconds": "5"}, [("runway", "1280x720", 120, 24, 400)]),
        (
            {"render": RenderParameters(num_frames=49)},
            [("studio", "704x1280", 49, 24, 50), ("runway", "1280x720", 49, 24, 80)],
        ),
        ({"render": RenderParameters(num_frames=50)}, [("runway", "1280x720", 50, 24, 80)]),
    ],
)
def test_each_route_renders_by_its_own_rule(
    params: dict[str, Any], expected: list[tuple[str, str, int, int, int]]
) -> None:
    new = plan(catalog(STUDIO, HOSTED), VideoRequest("a fox", GenerationParams(**params)))

    assert routes(new) == expected
    assert new.resolved.price == max(price for *_, price in expected)
    assert len({one.plan.seed for one in new.plans}) == 1


@pytest.mark.parametrize(
    ("params", "rule"),
    [
        ({"seconds": "7"}, "Supported values are: '4', '5', '10'"),
        ({"size": "640x480"}, "'720x1280', '1280x720', '1280x704', '704x1280', '1080x1920'"),
        # Each value has a route, but no route has both.
        ({"size": "1080x1920", "seconds": "4"}, "No engine of sora-2 renders all of this together"),
        ({"hd": True}, "HD"),
    ],
)
def test_what_no_route_can_meet_is_refused_with_what_all_of_them_offer(
    params: dict[str, Any], rule: str
) -> None:
    with pytest.raises(HinodeError) as refused:
        plan(catalog(STUDIO, HOSTED), VideoRequest("a fox", GenerationParams(**params)))
    assert rule in f"{refused.value.message} {refused.value.hint}"


@pytest.mark.parametrize(
    ("route", "capabilities", "taken"),
    [
        ({}, {}, ["studio", "runway"]),
        ({"first_frame": False}, {}, ["runway"]),
        ({}, {"first_frame": False}, ["runway"]),
        ({"upstream": "Wan2.1-T2V-1.3B"}, {}, ["runway"]),
        ({"upstream": "Wan2.1-T2V-1.3B", "first_frame": True}, {}, ["studio", "runway"]),
        ({}, {"kinds": frozenset({MediaKind.IMAGE})}, ["runway"]),
        ({}, {"actions": frozenset({JobAction.REMIX})}, ["runway"]),
    ],
)
def test_routes_that_take_no_first_frame_are_skipped(
    route: dict[str, Any], capabilities: dict[str, Any], taken: list[str]
) -> None:
    new = plan(
        catalog({**STUDIO, **route}, HOSTED),
        VideoRequest("a fox", GenerationParams()),
        FIRST_FRAME,
        studio=capable(**capabilities),
    )

    assert [one.engine for one in new.plans] == taken


PICTURES_ONLY = {"needs_picture": True}
FIRST_NEEDED = {"last_frame_needs_first": True, "parameters": frozenset({Parameter.LAST_FRAME})}
LAST_FRAME = frozenset({ArtifactRole.LAST_FRAME})
LAST_NEEDED = {"needs_last_frame": True, "parameters": frozenset({Parameter.LAST_FRAME})}


@pytest.mark.parametrize(
    ("capabilities", "images", "taken"),
    [
        (PICTURES_ONLY, frozenset(), ["runway"]),
        (PICTURES_ONLY, FIRST_FRAME, ["studio", "runway"]),
        (FIRST_NEEDED, LAST_FRAME, ["runway"]),
        (FIRST_NEEDED, LAST_FRAME | FIRST_FRAME, ["studio", "runway"]),
        (LAST_NEEDED, FIRST_FRAME, ["runway"]),
        (LAST_NEEDED, LAST_FRAME, ["studio", "runway"]),
        ({}, LAST_FRAME, ["runway"]),
    ],
)
def test_routes_that_need_a_picture_are_skipped_without_it(
    capabilities: dict[str, Any], images: frozenset[ArtifactRole], taken: list[str]
) -> None:
    takes_all = capable(parameters=frozenset({Parameter.LAST_FRAME}))
    new = plan(
        catalog(STUDIO, HOSTED),
        VideoRequest("a fox", GenerationParams()),
        images,
        studio=capable(**capabilities),
        runway=takes_all,
    )

    assert [one.engine for one in new.plans] == taken


@pytest.mark.parametrize(
    ("capabilities", "images", "param", "rule"),
    [
        (PICTURES_ONLY, frozenset(), "input_reference", "makes nothing of a prompt alone"),
        (FIRST_NEEDED, LAST_FRAME, "last_frame", "only if it starts on one"),
    ],
)
def test_what_needs_a_first_frame_is_refused_without_one(
    capabilities: dict[str, Any], images: frozenset[ArtifactRole], param: str, rule: str
) -> None:
    request = VideoRequest("a fox", GenerationParams())
    with pytest.raises(HinodeError, match=rule) as refused:
        plan(catalog(STUDIO), request, images, studio=capable(**capabilities))
    assert refused.value.param == param
    assert "Send a first frame" in refused.value.hint


def test_each_route_gets_the_parameters_that_its_engine_takes() -> None:
    request = VideoRequest(
        "a fox",
        GenerationParams(seed=7, render=RenderParameters(negative_prompt="snow")),
    )
    hosted = capable(parameters=frozenset({Parameter.NEGATIVE_PROMPT}))

    studio, runway = plan(catalog(STUDIO, HOSTED), request, runway=hosted).plans

    assert (studio.options.ignored, studio.plan.seed) == (("negative_prompt",), 7)
    assert (runway.options.ignored, runway.options.parameters.negative_prompt) == (
        ("seed",),
        "snow",
    )


def test_a_strict_request_goes_only_where_all_of_it_is_taken() -> None:
    request = VideoRequest("a fox", GenerationParams(seed=7), strict=True)
    hosted = capable(parameters=frozenset())

    assert [one.engine for one in plan(catalog(STUDIO, HOSTED), request, runway=hosted).plans] == [
        "studio"
    ]


def test_a_route_whose_limit_of_a_day_is_below_the_price_is_skipped() -> None:
    served = catalog(STUDIO, {**HOSTED, "credits_per_day": 199})

    assert [one.engine for one in plan(served, VideoRequest("a", GenerationParams())).plans] == [
        "studio"
    ]
    with pytest.raises(HinodeError, match="at most 199 a day"):
        plan(
            catalog({**HOSTED, "credits_per_day": 199}),
            VideoRequest("a", GenerationParams()),
        )


def test_a_name_with_words_leaves_the_routes_that_it_allows() -> None:
    served = build_catalog(
        Settings.model_validate(
            {"models": {"sora_video2": {"engines": [STUDIO, HOSTED], "seconds": [5, 10, 15]}}}
        )
    )

    hosted = plan(served, VideoRequest("a", GenerationParams(model="sora_video2-landscape-10s")))

    assert routes(hosted) == [
        ("studio", "1280x704", 241, 24, 250),
        ("runway", "1280x720", 240, 24, 400),
    ]
    only = plan(served, VideoRequest("a", GenerationParams(model="sora_video2-15s")))
    assert [one.engine for one in only.plans] == ["studio"]


def test_the_routes_of_a_job_are_read_as_they_were_written() -> None:
    request = VideoRequest(
        "a fox",
        GenerationParams(render=RenderParameters(negative_prompt="snow")),
        shots=(ShotParams("one", 1), ShotParams("two", 2)),
    )
    new = plan(catalog(STUDIO, HOSTED), request)
    job = _job(new.plans[1])

    assert load_routes(dump_routes(new.plans), job) == new.plans
    assert load_routes(dump_routes(new.plans[1:]), job) == new.plans[1:]


def _job(route: RoutePlan) -> Job:
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    return Job(
        id=new_id(),
        account_id=new_id(),
        key_id=None,
        kind=MediaKind.VIDEO,
        action=JobAction.CREATE,
        parent_id=None,
        state=JobState.QUEUED,
        model="sora-2",
        engine=route.engine,
        prompt="a fox",
        plan=route.plan,
        options=route.options,
        progress=0,
        price=200,
        error=None,
        created_at=moment,
        started_at=None,
        ended_at=None,
        deadline_at=moment,
        expires_at=None,
        upstream=route.upstream,
        route_price=route.price,
    )


@pytest.mark.parametrize(
    ("name", "roles", "pictures", "most", "param"),
    [
        ("sora_image", FIRST_FRAME, 0, 0, "image"),  # before the pictures are decoded
        ("sora_image", FIRST_FRAME, 3, 2, "image"),
        ("sora-2", REFERENCES, 3, 2, "reference_images"),
    ],
)
def test_more_pictures_than_an_engine_takes_are_refused(
    name: str, roles: frozenset[ArtifactRole], pictures: int, most: int, param: str
) -> None:
    model = build_catalog(Settings()).get(name)
    taken = capable(max_pictures=most, parameters=frozenset(Parameter))
    needs = Requirements(JobAction.CREATE, roles, 1, pictures)

    with pytest.raises(HinodeError) as caught:
        check_capabilities({model.engine: taken}, model, needs)
    assert caught.value.param == param
    for enough in (None, max(most, pictures, 1)):
        check_capabilities({model.engine: replace(taken, max_pictures=enough)}, model, needs)


def test_the_references_of_a_request_are_counted_for_each_route() -> None:
    takes = frozenset({Parameter.REFERENCE_IMAGES})
    new = plan(
        catalog(STUDIO, HOSTED),
        VideoRequest("a fox", GenerationParams()),
        REFERENCES,
        pictures=2,
        studio=capable(parameters=takes, max_pictures=1),
        runway=capable(parameters=takes),
    )

    assert [one.engine for one in new.plans] == ["runway"]
