"""The operator's view of jobs over HTTP, on both databases: lists, cancels and retries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from hinode import EngineRegistry, HinodeError, Services, load_settings, open_services
from hinode.api.admin import jobs
from hinode.core.jobs.types import JobError
from hinode.kit.ids import to_video_id
from hinode.media.types import Artifact, ArtifactRole
from hinode.testing.clock import FakeClock
from hinode.testing.server import LiveServer, live_server
from tests.support.accounts import client_with, operator_client
from tests.support.pictures import png_bytes
from tests.support.responses import good
from tests.support.tasks import refused

BAD = "invalid_request_error"
BROKEN = JobError("engine_failed", "The engine broke.")


@pytest.fixture
def services(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Services]:
    """Services whose jobs nothing renders."""
    models = {"sora-2": {"post_steps": {"upscaling": 5}}}
    opened = opened_with(models, database_url, tmp_path, clock)
    yield opened
    opened.close()


def opened_with(models: Any, database_url: str, data: Path, clock: FakeClock) -> Services:
    settings = load_settings(data=data, database=database_url, workers=False, models=models)
    return open_services(settings, engines=EngineRegistry([]), clock=clock)


@pytest.fixture
def server(services: Services) -> Iterator[LiveServer]:
    with live_server(services) as live:
        yield live


@pytest.fixture
def admin(server: LiveServer) -> Iterator[httpx.Client]:
    with operator_client(server) as client:
        yield client


@pytest.fixture
def owner(server: LiveServer, admin: httpx.Client) -> Iterator[httpx.Client]:
    """A client of the account acme, which has 450 credits: four videos of 100 and a half."""
    good(admin.post("/admin/accounts", json={"name": "acme", "credits": 450}))
    key = good(admin.post("/admin/keys", json={"name": "k", "account": "acme"}))
    with client_with(server, key["secret"]) as client:
        yield client


def new_job(client: httpx.Client, **given: Any) -> str:
    """Create a video of four seconds and return its id, as the operator sees it."""
    fields = {"prompt": "a fox", "seconds": "4", "model": "sora-2", **given.pop("fields", {})}
    made = good(client.post("/videos", data=fields, **given))
    return str(UUID(made["id"].removeprefix("video_")))


def listed(admin: httpx.Client, **query: Any) -> list[str]:
    page = good(admin.get("/admin/jobs", params=query))
    jobs.AdminJobPage.model_validate(page)
    return [one["id"] for one in page["data"]]


def end(services: Services, job_id: str, folder: Path | None = None) -> None:
    """Do what a worker does with a job: complete it with a file, or else fail it."""
    order = services.core.execution.begin(UUID(job_id))
    assert order is not None
    if folder is None:
        assert services.core.execution.fail(order.job.id, BROKEN)
        return
    path = folder / "video.mp4"
    path.write_bytes(b"film")
    plan = order.job.plan
    size = (plan.width, plan.height, plan.frames, 4.0)
    video = Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", *size)
    assert services.core.execution.complete(order.job, [video])


def balance(admin: httpx.Client) -> int:
    left: int = good(admin.get("/admin/accounts/acme"))["balance"]
    return left


def test_jobs_are_listed_newest_first_by_account_status_and_model(
    admin: httpx.Client, owner: httpx.Client, services: Services
) -> None:
    first, second, third = (new_job(owner) for _ in range(3))
    own = new_job(admin, fields={"model": "sora-2-pro"})
    end(services, second)
    good(owner.delete(f"/videos/{to_video_id(UUID(first))}"))

    assert listed(admin) == [own, third, second]
    assert listed(admin, account="ACME") == [third, second]
    assert listed(admin, status="failed") == [second]
    assert listed(admin, status="canceled") == []
    assert listed(admin, status="queued", account="acme") == [third]
    assert listed(admin, model="sora-2-pro") == [own]
    page = good(admin.get("/admin/jobs", params={"limit": 2}))
    assert (page["has_more"], page["next_cursor"]) == (True, third)
    assert listed(admin, limit=2, cursor=third) == [second]


def test_a_job_tells_of_the_tries_that_it_left(
    admin: httpx.Client, owner: httpx.Client, services: Services, clock: FakeClock
) -> None:
    job_id = new_job(owner)
    for number in range(2):
        order = services.core.execution.begin(UUID(job_id), dispatch_no=number)
        assert order is not None
        clock.advance(timedelta(seconds=5))
        assert services.core.router.submit_rejected(order.job, f"busy {number}", None)

    first, second, now = good(admin.get(f"/admin/jobs/{job_id}"))["tries"]

    assert [(one["outcome"], one["reason"]) for one in (first, second, now)] == [
        ("submit_failed", "busy 0"), ("submit_failed", "busy 1"), ("queued", None),
    ]  # fmt: skip
    assert first["ended_at"] - first["started_at"] == 5
    assert (first["engine"], now["started_at"], now["ended_at"]) == ("preview", None, None)


def test_a_job_is_shown_with_its_prompt_tries_money_and_error(
    admin: httpx.Client, owner: httpx.Client, services: Services
) -> None:
    waiting, failed = new_job(owner), new_job(owner)
    end(services, failed)

    here = good(admin.get(f"/admin/jobs/{waiting}"))
    gone = good(admin.get(f"/admin/jobs/{to_video_id(UUID(failed))}"))

    assert [one["outcome"] for one in here["tries"]] == ["queued"]
    assert [(one["outcome"], one["reason"]) for one in gone["tries"]] == [
        ("failed", BROKEN.message)
    ]
    jobs.AdminJobDetail.model_validate(here)
    assert (here["status"], here["queue_position"], here["prompt"]) == ("queued", 0, "a fox")
    assert (here["price"], here["held"], here["charged"]) == (100, 100, 0)
    assert (here["account"], here["engine"], here["frames"]) == ("acme", "preview", 120)
    assert (gone["status"], gone["queue_position"]) == ("failed", None)
    assert (gone["price"], gone["held"], gone["charged"]) == (100, 0, 0)
    assert gone["error"] == {"code": BROKEN.code, "message": BROKEN.message}
    assert "prompt" not in good(admin.get("/admin/jobs"))["data"][0]


def test_a_job_is_canceled_and_paid_back_once(
    admin: httpx.Client, owner: httpx.Client, services: Services
) -> None:
    waiting, failed = new_job(owner), new_job(owner)
    end(services, failed)

    canceled = good(admin.post(f"/admin/jobs/{waiting}/cancel"))
    again = good(admin.post(f"/admin/jobs/{waiting}/cancel"))

    assert canceled == again
    assert (canceled["status"], canceled["held"]) == ("canceled", 0)
    assert balance(admin) == 450
    answer = admin.post(f"/admin/jobs/{failed}/cancel")
    assert "failed already" in refused(answer, 400, "invalid_request", BAD)


def test_a_retry_is_a_new_job_with_the_request_and_files_of_the_old(
    admin: httpx.Client, owner: httpx.Client, services: Services
) -> None:
    frame = {"input_reference": ("f.png", png_bytes(64, 64), "image/png")}
    old = new_job(owner, files=frame, fields={"seed": "7", "priority": "low"})
    end(services, old)

    new = good(admin.post(f"/admin/jobs/{old}/retry"))
    good(owner.delete(f"/videos/{to_video_id(UUID(old))}"))
    order = services.core.execution.begin(UUID(new["id"]))

    assert (new["status"], new["retry_of"], new["held"]) == ("queued", old, 100)
    assert (new["seed"], new["prompt"], new["account"]) == (7, "a fox", "acme")
    assert (new["priority"], new["key_id"]) == ("low", None)
    assert balance(admin) == 350
    assert order is not None
    (copy,) = order.inputs
    assert services.store.head(copy.key).size == copy.bytes
    page = good(admin.get("/admin/accounts/acme/ledger"))
    held = [one["task_id"] for one in page["data"] if one["kind"] == "hold"]
    assert held == [new["id"], old]


def test_a_completed_job_is_retried_at_its_price_and_its_extension_at_that_of_the_new_part(
    admin: httpx.Client, owner: httpx.Client, services: Services, tmp_path: Path
) -> None:
    parent = new_job(owner)
    end(services, parent, tmp_path)
    body = {"prompt": "on", "seconds": "4", "video": {"id": to_video_id(UUID(parent))}}
    made = good(owner.post("/videos/extensions", json=body))
    extension = str(UUID(made["id"].removeprefix("video_")))
    good(admin.post(f"/admin/jobs/{extension}/cancel"))

    new = good(admin.post(f"/admin/jobs/{extension}/retry"))

    assert (new["price"], new["frames"], new["parent_id"]) == (100, 240, parent)
    assert good(admin.post(f"/admin/jobs/{parent}/retry"))["price"] == 100


def test_a_retry_with_an_idempotency_key_happens_once(
    admin: httpx.Client, owner: httpx.Client, services: Services
) -> None:
    old, other = new_job(owner), new_job(owner)
    end(services, old)
    end(services, other)
    headers = {"idempotency-key": "again"}

    ids = {good(admin.post(f"/admin/jobs/{old}/retry", headers=headers))["id"] for _ in range(2)}

    assert len(ids) == 1
    assert balance(admin) == 350
    answer = admin.post(f"/admin/jobs/{other}/retry", headers=headers)
    refused(answer, 409, "idempotency_conflict", BAD)


def test_what_cannot_be_retried_is_refused_and_costs_nothing(
    admin: httpx.Client, owner: httpx.Client, services: Services, tmp_path: Path
) -> None:
    waiting, rendered, failed = new_job(owner), new_job(owner), new_job(owner)
    end(services, rendered, tmp_path)
    end(services, failed)
    with services.db.write() as conn:
        conn.exec_driver_sql("DELETE FROM assets")

    unfinished = admin.post(f"/admin/jobs/{waiting}/retry")
    expired = admin.post(f"/admin/jobs/{rendered}/retry")
    assert "cancel it first" in refused(unfinished, 409, "not_ready", BAD)
    assert "Send the request again" in refused(expired, 400, "invalid_request", BAD)
    assert balance(admin) == 250
    good(admin.post(f"/admin/jobs/{failed}/retry"))
    good(admin.post(f"/admin/jobs/{failed}/retry"))
    poor = admin.post(f"/admin/jobs/{failed}/retry")
    refused(poor, 402, "insufficient_credits", "billing_error")
    assert balance(admin) == 50


def test_a_step_that_the_operator_withdrew_is_not_done_for_nothing(
    owner: httpx.Client,
    admin: httpx.Client,
    services: Services,
    database_url: str,
    tmp_path: Path,
    clock: FakeClock,
) -> None:
    old = new_job(owner, fields={"upscaling_scale": "2", "size": "1280x720"})
    end(services, old)
    later = opened_with({}, database_url, tmp_path, clock)
    try:
        with pytest.raises(HinodeError) as refusal:
            later.core.job_admin.retry(UUID(old))
    finally:
        later.close()

    assert refusal.value.param == "upscaling_scale"
    assert "Offer it again in the model's 'post_steps'" in refusal.value.hint
    assert balance(admin) == 450
    assert good(admin.post(f"/admin/jobs/{old}/retry"))["held"] == 120
