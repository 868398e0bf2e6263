"""`hinode job`, `account ledger` and `config show` by the real command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hinode import EngineRegistry, Services, load_settings, open_services
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import Caller, Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.account_admin import AccountCreate
from hinode.core.jobs.requests import VideoRequest
from hinode.workflows.queues import create_tables
from tests.support.hinode_process import hinode


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Services in a data folder that the commands share."""
    opened = open_services(load_settings(data=tmp_path), engines=EngineRegistry([]))
    create_tables(opened.db)
    yield opened
    opened.close()


@pytest.fixture
def caller(services: Services) -> Caller:
    """The account acme, with 150 credits."""
    services.core.accounts.create(AccountCreate("acme", credits=150))
    made = services.core.keys.create(KeyCreate("acme", "k", frozenset({Scope.VIDEOS})))
    return services.core.auth.authenticate(made.secret, Scope.VIDEOS)


def run(services: Services, *words: str) -> str:
    done = hinode(*words, "--data", str(services.settings.data))
    assert done.returncode == 0, done.stderr
    return done.stdout


def as_json(services: Services, *words: str) -> Any:
    return json.loads(run(services, *words, "--json"))


def test_a_job_is_listed_shown_canceled_and_retried(services: Services, caller: Caller) -> None:
    request = VideoRequest("a fox\nruns", GenerationParams(seconds="4"))
    job = str(services.core.jobs.create_video(caller, request).id)

    head, row = run(services, "job", "list", "--status", "queued", "--account", "acme").splitlines()
    shown = run(services, "job", "show", job)
    canceled = as_json(services, "job", "cancel", job)
    new = run(services, "job", "retry", job).strip()
    refused = hinode("job", "retry", new, "--data", str(services.settings.data))
    both = as_json(services, "job", "list", "--account", "acme")
    entries = as_json(services, "account", "ledger", "acme")

    assert head.split("\t")[:3] == ["id", "account", "status"]
    assert row.split("\t")[:6] == [job, "acme", "queued", "sora-2", "preview", "100 held"]
    assert "a fox\nruns" in shown
    assert (
        "tries      1 (0 failed submits, 0 resumes, the collecting among them)"
        in shown.splitlines()
    )
    assert (canceled["id"], canceled["status"]) == (job, "canceled")
    assert [one["id"] for one in both] == [new, job]
    assert both[0]["retry_of"] == job
    assert refused.returncode == 1
    assert refused.stderr.strip() == (
        "Error: This job is queued; only jobs that have ended can be retried. "
        "Wait for its end, or cancel it first."
    )
    assert [(one["kind"], one["credits"], one["task_id"]) for one in entries] == [
        ("hold", -100, new), ("refund", 100, job), ("hold", -100, job), ("grant", 150, None),
    ]  # fmt: skip


def test_an_unknown_job_is_one_line(services: Services) -> None:
    done = hinode("job", "show", "video_1", "--data", str(services.settings.data))

    assert (done.returncode, done.stderr) == (1, "Error: There is no job with this id.\n")


def test_the_settings_are_shown_with_where_they_came_from(services: Services) -> None:
    file = services.settings.data / "hinode.toml"
    file.write_text('port = 9000\n[engines.gpu]\nkind = "openai"\nurl = "http://gpu"\n'
                    'origin = "trained"\nkey = "hush"\n', encoding="utf-8")  # fmt: skip

    rows = [line.split("\t") for line in run(services, "config", "show").splitlines()]
    port = next(one for one in as_json(services, "config", "show") if one["name"] == "port")

    assert ["port", "9000", f"file {file}"] in rows
    assert ["engines.gpu.key", "***", f"file {file}"] in rows
    assert ["host", "127.0.0.1", "default"] in rows
    assert port == {"name": "port", "value": 9000, "source": "file", "place": str(file)}
