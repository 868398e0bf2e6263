"""Engines that no living worker offers: creates are refused, and operators are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from hinode import EngineRegistry, Services, load_settings, open_services
from hinode.cli.check_result import CheckStatus
from hinode.cli.doctor_checks import run_checks
from hinode.core.auth.types import Caller
from hinode.core.catalog.capabilities import EngineCapabilities
from hinode.core.catalog.service import GenerationParams
from hinode.core.engines.presence import EnginePresence
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.requests import VideoRequest
from hinode.media.types import JobAction, MediaKind
from hinode.testing.clock import FakeClock
from hinode.testing.scripted_engine import ScriptedEngine
from hinode.testing.server import LiveServer
from hinode.worker import build_worker
from tests.support import patient
from tests.support.live import open_live
from tests.support.openai import refused as refused_by_openai
from tests.support.sora_creation import CREATE
from tests.support.sora_creation import refused as refused_by_sora
from tests.support.tasks import refused as refused_by_tasks
from tests.support.tasks import task_body

MOMENT_IN_MINUTES = 1e-6


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server whose engine was never offered for longer than it may be."""
    data = tmp_path_factory.mktemp("absent")
    with open_live(data, workers=False, engine_absence_minutes=MOMENT_IN_MINUTES) as running:
        yield running


@pytest.fixture(scope="module")
def api(server: LiveServer) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {server.new_key('tester')}"}
    with patient.Client(base_url=server.url, headers=headers, timeout=30.0) as client:
        yield client


def _refused_by_openai(api: httpx.Client) -> httpx.Response:
    answer = api.post("/v1/videos", json={"prompt": "a fox"})
    message = refused_by_openai(answer, 503, "model_unavailable", "model")
    assert "sora-2" in message
    return answer


def _refused_by_tasks(api: httpx.Client) -> httpx.Response:
    answer = api.post("/v1/videos/generations", json=task_body())
    refused_by_tasks(answer, 503, "upstream_error", "upstream_error")
    return answer


def _refused_by_sora(api: httpx.Client) -> httpx.Response:
    answer = api.post("/backend/nf/create", json=CREATE)
    assert "under heavy load" in refused_by_sora(answer, 503, "heavy_load", "model")
    return answer


@pytest.mark.parametrize("refused", [_refused_by_openai, _refused_by_tasks, _refused_by_sora])
def test_a_create_for_an_absent_engine_is_503_in_each_dialect(
    server: LiveServer, api: httpx.Client, refused: Callable[[httpx.Client], httpx.Response]
) -> None:
    answer = refused(api)

    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["x-should-retry"] == "true"
    with server.services.db.read() as conn:
        for table in ("jobs", "ledger"):
            assert conn.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0


def test_readiness_names_the_absent_engine(server: LiveServer) -> None:
    assert patient.get(f"{server.url}/readyz").json()["engines"] == {"scripted": "absent"}
    assert patient.get(f"{server.url}/readyz?for=create").status_code == 503
    metrics = patient.get(f"{server.url}/metrics").text
    assert 'hinode_engine_condition{condition="absent",engine="scripted"} 1.0' in metrics
    assert "hinode_data_free_bytes" in metrics


CAPABILITIES = EngineCapabilities(
    description="A card in another room.",
    licence="Apache-2.0",
    audio=True,
    kinds=frozenset(MediaKind),
    actions=frozenset({JobAction.CREATE}),
    first_frame=False,
    max_outputs=2,
)


def test_a_server_checks_and_shows_what_the_engines_of_other_hosts_can(
    services: Services, caller: Caller
) -> None:
    """The server has no engine itself; ``record_offers`` is what a worker elsewhere does."""
    name = services.settings.engine
    _create(services, caller, n=4)

    services.core.engines.record_offers({name: CAPABILITIES})
    services.directory.refresh()

    assert services.directory[name] == CAPABILITIES
    with pytest.raises(HinodeError, match="more than 2 output"):
        _create(services, caller, n=4)


def test_what_a_worker_offers_is_present(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    uptime = iter(range(0, 10**9, 10**6))
    admin = services.core.engines
    lifecycle = services.core.jobs.lifecycle
    for owner in (admin, lifecycle):
        object.__setattr__(owner, "presence", EnginePresence(monotonic=lambda: next(uptime)))
    name = services.settings.engine

    with pytest.raises(HinodeError) as never_offered:
        _create(services, caller)
    admin.record_offers({name: CAPABILITIES})
    _create(services, caller)
    clock.advance(timedelta(minutes=10, seconds=1))
    with pytest.raises(HinodeError) as gone:
        _create(services, caller)

    assert (never_offered.value.code, gone.value.code) == (ErrorCode.NO_WORKER,) * 2
    assert [one.condition for one in admin.engines() if one.state.name == name] == ["absent"]


def _create(services: Services, caller: Caller, n: int = 1) -> None:
    services.core.jobs.create_video(caller, VideoRequest("a fox", GenerationParams(outputs=n)))


def test_a_worker_warns_of_engines_that_are_not_installed(tmp_path: Path) -> None:
    services = open_services(
        load_settings(data=tmp_path, engine="elsewhere"),
        engines=EngineRegistry([ScriptedEngine()]),
    )
    with capture_logs() as logs:
        build_worker(services)
    services.close()

    assert [line["engine"] for line in logs if line["log_level"] == "warning"] == ["elsewhere"]


def test_the_doctor_warns_of_engines_that_are_not_installed(tmp_path: Path) -> None:
    (tmp_path / "hinode.toml").write_text('[models."sora-2-pro"]\nengine = "elsewhere"\n')
    found = {one.name: one for one in run_checks(load_settings(data=tmp_path))}

    assert found["engines"].status is CheckStatus.WARNING
    assert "elsewhere" in found["engines"].detail
    assert found["engines"].remedy


def test_the_doctor_warns_of_a_nearly_full_disk(tmp_path: Path) -> None:
    found = {one.name: one for one in run_checks(load_settings(data=tmp_path))}
    assert found["data folder"].status is CheckStatus.OK
    full = load_settings(data=tmp_path, min_free_disk_mb=10**12)
    found = {one.name: one for one in run_checks(full)}
    assert found["data folder"].status is CheckStatus.WARNING
    assert "min_free_disk_mb" in str(found["data folder"].remedy)
