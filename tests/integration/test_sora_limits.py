"""Full queues, plans' jobs at once, quotas and countries, on the wire and under races."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from hinode import ErrorCode, HinodeError, Services
from hinode.core.accounts.types import Plan, PlanLimits
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import Caller
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.lifecycle import JobLifecycle
from hinode.core.jobs.requests import VideoRequest
from hinode.kit.ids import encode_short_id
from tests.integration.test_jobs import render
from tests.support.people import client_of, new_account
from tests.support.pictures import png_bytes
from tests.support.sora_creation import (
    ANY_NUMBER,
    CREATE,
    PICTURE,
    STORYBOARD,
    job_id_of,
    made,
    member,
    open_sora,
    refused,
)

EXTENSION = f"/project_y/profile/drafts/{encode_short_id('gen_', UUID(int=1))}/long_video_extension"
PLANS = {plan.value: ANY_NUMBER for plan in Plan}


def test_a_full_queue_is_heavy_load_for_everyone(tmp_path: Path) -> None:
    with open_sora(tmp_path, workers=False, queue_limit=2) as server, member(server) as client:
        made(client.post("/nf/create", json=CREATE))
        made(client.post("/video_gen", json=PICTURE))
        for path, body in (
            ("/nf/create", CREATE),
            ("/nf/bulk_create", CREATE),
            ("/nf/create/storyboard", STORYBOARD),
            ("/video_gen", PICTURE),
        ):
            answer = client.post(path, json=body)
            message = refused(answer, 503, "heavy_load", None)
            assert "We're under heavy load, please try again later." in message
            assert int(answer.headers["retry-after"]) > 0
        with member(server) as other:
            refused(other.post("/nf/create", json=CREATE), 503, "heavy_load", None)


def test_an_extension_waits_for_room_in_the_queue_too(tmp_path: Path) -> None:
    with open_sora(tmp_path, workers=False, queue_limit=1) as server, member(server) as client:
        parent = job_id_of(made(client.post("/nf/create", json=CREATE)))
        assert render(server.services, parent, tmp_path)
        path = f"/project_y/profile/drafts/{encode_short_id('gen_', parent)}/long_video_extension"
        body = {"user_prompt": "it runs away", "extension_duration_s": 10}
        made(client.post(path, json=body))

        refused(client.post(path, json=body), 503, "heavy_load", None)


def test_a_plan_says_how_many_generations_go_on_at_once(tmp_path: Path) -> None:
    plans = {**PLANS, "free": {"max_unfinished": 2, "videos_per_day": 0}}
    with open_sora(tmp_path, workers=False, plans=plans) as server:
        with member(server) as client:
            first = made(client.post("/nf/create", json=CREATE))
            made(client.post("/video_gen", json=PICTURE))
            for path, body in (
                ("/nf/create", CREATE),
                ("/nf/bulk_create", CREATE),
                ("/nf/create/storyboard", STORYBOARD),
                ("/video_gen", PICTURE),
            ):
                answer = client.post(path, json=body)
                message = refused(answer, 429, "too_many_concurrent_tasks", None)
                assert message.startswith("You already have 2 generations in progress")
                assert answer.json()["error"]["details"] == {"num_tasks": 2}
            assert first in [task["id"] for task in client.get("/nf/pending/v2").json()]
        with member(server, Plan.PRO) as pro:
            for _ in range(3):
                made(pro.post("/nf/create", json=CREATE))


def test_a_quota_that_is_used_up_says_so_at_the_top(tmp_path: Path) -> None:
    plans = {**PLANS, "free": {"max_unfinished": 0, "videos_per_day": 1}}
    with open_sora(tmp_path, workers=False, plans=plans) as server, member(server) as client:
        left = client.post("/nf/create", json=CREATE).json()["rate_limit_and_credit_balance"]
        assert (left["estimated_num_videos_remaining"], left["rate_limit_reached"]) == (0, True)
        for path, body in (
            ("/nf/create", CREATE),
            ("/nf/bulk_create", CREATE),
            ("/nf/create/storyboard", STORYBOARD),
            (EXTENSION, {"user_prompt": "x", "extension_duration_s": 10}),
        ):
            answer = client.post(path, json=body)
            assert answer.status_code == 429
            told = answer.json()
            assert told["type"] == told["error"]["code"] == "rate_limit_exhausted"
            balance = told["rate_limit_and_credit_balance"]
            assert balance["rate_limit_reached"] is True
            assert balance["access_resets_in_seconds"] > 86_000
        made(client.post("/video_gen", json=PICTURE))


def exhausted(answer: httpx.Response) -> dict[str, Any]:
    """Return the numbers of an answer that says that nothing is left."""
    assert answer.status_code == 429, answer.text
    told = answer.json()
    assert told["type"] == told["error"]["code"] == "rate_limit_exhausted"
    balance: dict[str, Any] = told["rate_limit_and_credit_balance"]
    assert balance == told["error"]["details"]
    return balance


def test_too_few_credits_are_told_with_the_numbers_of_the_check(tmp_path: Path) -> None:
    with open_sora(tmp_path, workers=False) as server:
        name, services = new_account(server.services, credits=1_000), server.services
        key = services.core.keys.create(KeyCreate(name, "k"))
        with client_of(server, key.secret) as door:
            uploaded = door.post("/backend/uploads", files={"file": ("a.png", png_bytes(360, 360))})
            task = made(door.post("/backend/nf/create", json=CREATE))
            assert render(services, job_id_of(task), tmp_path)
            with services.db.write() as conn:
                conn.exec_driver_sql("UPDATE balances SET amount = 1 WHERE amount > 1")
            check = door.get("/backend/nf/check").json()
            left = check["rate_limit_and_credit_balance"]
            assert (check["type"], left["credit_remaining"]) == ("ok", 1)
            image = {"inpaint_items": [{"upload_media_id": uploaded.json()["id"]}]}
            first_frame = {"kind": "upload", "upload_id": uploaded.json()["id"]}
            draft = encode_short_id("gen_", job_id_of(task))
            for path, body in (
                ("nf/create", CREATE),
                ("nf/create", {**CREATE, "inpaint_items": [first_frame]}),
                ("nf/bulk_create", CREATE),
                ("nf/create/storyboard", STORYBOARD),
                ("video_gen", PICTURE),
                ("video_gen", {**PICTURE, **image}),
                (
                    f"project_y/profile/drafts/{draft}/long_video_extension",
                    {"user_prompt": "it runs", "extension_duration_s": 10},
                ),
            ):
                told = exhausted(door.post(f"/backend/{path}", json=body))
                assert told == {**left, "rate_limit_reached": True}, path


def test_a_key_that_may_spend_no_more_is_told_with_the_numbers(tmp_path: Path) -> None:
    with (
        open_sora(tmp_path, workers=False) as server,
        member(server, spend_total=1) as client,
    ):
        left = client.get("/nf/check").json()["rate_limit_and_credit_balance"]
        for path, body in (("/nf/create", CREATE), ("/video_gen", PICTURE)):
            told = exhausted(client.post(path, json=body))
            assert told == {**left, "rate_limit_reached": True}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/nf/bulk_create", {**CREATE, "cameo_ids": ["ch_0"]}),
        ("/nf/create/storyboard", {**STORYBOARD, "cameo_ids": ["ch_0"]}),
        ("/video_gen", {**PICTURE, "inpaint_items": [{"upload_media_id": "media_0"}]}),
        ("/nf/create", {**CREATE, "remix_target_id": "s_0"}),
    ],
    ids=["bulk", "storyboard", "pictures", "create"],
)
def test_ids_of_nothing_are_not_found(
    served_in_japan: Callable[..., httpx.Response], path: str, body: dict[str, object]
) -> None:
    answer = served_in_japan(path, body, {"cf-country": "JP"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("told", "country"),
    [("FR", "FR"), ("", "XX"), ("XX", "XX"), (None, "XX")],
    ids=["other", "empty", "unknown", "silent"],
)
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/nf/create", CREATE),
        ("/nf/bulk_create", CREATE),
        ("/nf/create/storyboard", STORYBOARD),
        ("/video_gen", PICTURE),
        (EXTENSION, {}),
    ],
    ids=["create", "bulk", "storyboard", "pictures", "extension"],
)
def test_only_known_countries_are_served(
    served_in_japan: Callable[..., httpx.Response],
    told: str | None,
    country: str,
    path: str,
    body: dict[str, object],
) -> None:
    headers = {"x-forwarded-for": "198.51.100.7", **({} if told is None else {"cf-country": told})}

    refused(served_in_japan(path, body, headers), 403, "unsupported_country_code", country)


def test_a_served_country_is_served(served_in_japan: Callable[..., httpx.Response]) -> None:
    made(served_in_japan("/nf/create", CREATE, {"cf-country": "jp"}))


@pytest.fixture(scope="module")
def served_in_japan(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., httpx.Response]]:
    """A way to post to a server that a proxy on this machine stands before."""
    settings: dict[str, Any] = {
        "countries": ["JP"],
        "country_header": "CF-Country",
        "trusted_proxies": ["127.0.0.0/8"],
    }
    folder = tmp_path_factory.mktemp("japan")
    with open_sora(folder, workers=False, **settings) as server, member(server) as client:
        yield lambda path, body, headers: client.post(path, json=body, headers=headers)


def test_what_a_stranger_says_of_its_country_counts_for_nothing(tmp_path: Path) -> None:
    with open_sora(tmp_path, workers=False, countries=["JP"]) as server, member(server) as client:
        answer = client.post("/nf/create", json=CREATE, headers={"cf-ipcountry": "JP"})

        refused(answer, 403, "unsupported_country_code", "XX")


def test_a_plans_places_are_given_once_under_a_race(services: Services, caller: Caller) -> None:
    planned = replace(caller, plan=PlanLimits(videos_per_day=0, max_unfinished=3, invites=0))

    def create(_: int) -> str:
        try:
            services.core.jobs.create_video(
                planned, VideoRequest("a fox", GenerationParams(model="sy_8"))
            )
        except HinodeError as error:
            return f"{error.code} {error.details}"
        return "made"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(create, range(8)))

    refusal = f"{ErrorCode.TOO_MANY_JOBS} {{'num_tasks': 3}}"
    assert sorted(outcomes) == ["made"] * 3 + [refusal] * 5


def test_a_plans_day_is_given_once_under_a_race(services: Services, caller: Caller) -> None:
    planned = replace(caller, plan=PlanLimits(videos_per_day=3, max_unfinished=0, invites=0))

    def create(_: int) -> str:
        try:
            services.core.jobs.create_video(
                planned, VideoRequest("a fox", GenerationParams(model="sy_8"))
            )
        except HinodeError as error:
            return f"{error.code} {error.details['estimated_num_videos_remaining']}"
        return "made"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(create, range(8)))

    assert sorted(outcomes) == ["made"] * 3 + [f"{ErrorCode.QUOTA_EXHAUSTED} 0"] * 5


def test_every_generation_of_a_task_is_a_video_of_the_day(tmp_path: Path) -> None:
    plans = {**PLANS, "free": {"max_unfinished": 0, "videos_per_day": 5}}
    with open_sora(tmp_path, workers=False, plans=plans) as server, member(server) as client:
        first = client.post("/nf/bulk_create", json={**CREATE, "nsamples": 4})
        too_many = client.post("/nf/bulk_create", json={**CREATE, "nsamples": 2})

        assert made(first)
        assert client.get("/nf/check").json()["rate_limit_and_credit_balance"][
            "estimated_num_videos_remaining"
        ] == 1  # fmt: skip
        assert too_many.status_code == 429
        told = too_many.json()
        assert told["type"] == told["error"]["code"] == "rate_limit_exhausted"
        assert "has 1 video(s) left in these 24 hours" in told["error"]["message"]
        assert told["rate_limit_and_credit_balance"]["rate_limit_reached"] is False
        made(client.post("/nf/create", json=CREATE))


def test_only_what_waits_for_an_engine_fills_its_queue(services: Services, caller: Caller) -> None:
    limits = replace(services.core.jobs.lifecycle.limits, max_queued=1)
    lifecycle = JobLifecycle(services.core.jobs.lifecycle.dispatcher, services.clock, limits)
    jobs = replace(services.core.jobs, lifecycle=lifecycle)
    request = VideoRequest("a fox", GenerationParams(model="sy_8"))
    first = jobs.create_video(caller, request)

    with pytest.raises(HinodeError) as full:
        jobs.create_video(caller, request)
    services.core.execution.begin(first.id)
    jobs.create_video(caller, request)

    assert full.value.code is ErrorCode.OVERLOADED
