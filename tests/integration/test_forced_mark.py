"""The operator forces the visible mark, per model or per plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hinode import EngineRegistry, Services, load_settings, open_services
from hinode.core.accounts.types import Plan
from hinode.core.auth.types import Caller, Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.account_admin import AccountCreate
from hinode.core.jobs.requests import ImageRequest, VideoRequest
from hinode.kit.ids import new_id
from hinode.testing.scripted_engine import ScriptedEngine
from tests.support.accounts import key_of


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    settings = load_settings(
        data=tmp_path,
        engine="scripted",
        models={"sora-2-pro": {"watermark": True}},
        plans={"free": {"watermark": True}},
    )
    opened = open_services(settings, engines=EngineRegistry([ScriptedEngine()]))
    yield opened
    opened.close()


def caller_on(services: Services, plan: Plan) -> Caller:
    name = f"a{new_id().hex}"
    services.core.accounts.create(AccountCreate(name, plan, unlimited=True))
    return services.core.auth.authenticate(key_of(services, name), Scope.VIDEOS)


@pytest.mark.parametrize(
    ("model", "plan", "marked"),
    [
        ("sora-2", Plan.PRO, False),
        ("sora-2", Plan.FREE, True),
        ("sora-2-pro", Plan.PRO, True),
        ("sora-2-pro", Plan.FREE, True),
    ],
)
def test_a_video_bears_the_mark(services: Services, model: str, plan: Plan, marked: bool) -> None:
    request = VideoRequest("a fox", GenerationParams(model=model), watermarked_copy=True)

    job = services.core.jobs.create_video(caller_on(services, plan), request)

    # Where all frames bear it, there is no copy without it.
    assert (job.plan.watermark, job.options.watermarked_copy) == (marked, not marked)


@pytest.mark.parametrize(("plan", "marked"), [(Plan.FREE, True), (Plan.TEAM, False)])
def test_a_picture_bears_the_mark(services: Services, plan: Plan, marked: bool) -> None:
    request = ImageRequest("a fox", GenerationParams())

    job = services.core.jobs.create_image(caller_on(services, plan), request)

    assert job.plan.watermark is marked
