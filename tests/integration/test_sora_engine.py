"""The engine for the Sora dialect before a server that fails as it is told, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import pytest
from structlog.testing import capture_logs

from hinode import EngineError, Services
from hinode.core.auth.types import Caller
from hinode.core.upstreams.service import (
    UpstreamAccountUpdate,
    UpstreamAccountView,
    UpstreamService,
)
from hinode.core.upstreams.types import Slots, UpstreamAccountCreate, UpstreamAccountState
from hinode.engines.base import (
    ArtifactRole,
    JobAction,
    MediaKind,
    RenderContext,
    RenderSpec,
    Ticket,
)
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.sora.engine import SoraEngine
from hinode.engines.sora.settings import SoraEngineSettings
from hinode.kit.named_keys import FixedKeys
from hinode.kit.secret_box import SecretBox
from hinode.testing.clock import FakeClock
from hinode.upstream_accounts import TokenSet
from tests.support.account_pools import BlockingPool
from tests.support.pictures import png_bytes
from tests.support.queued import new_jobs
from tests.support.upstreams.sora import Person, SoraServer, error, quota, sora_server
from tests.support.upstreams.wire import Reply, WireServer

KEY = b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@dataclass
class Ground:
    """A server, the accounts on it, and a studio whose jobs are rendered there."""

    services: Services
    caller: Caller
    server: SoraServer
    wire: WireServer
    folder: Path

    def __post_init__(self) -> None:
        db, clock = self.services.db, self.services.clock
        self.desk = UpstreamService(db, SecretBox(FixedKeys.of(KEY)), clock, ("far",))
        self.pool = BlockingPool(self.desk)

    def engine(self, **given: Any) -> SoraEngine:
        known = {
            "kind": "sora",
            "origin": "trained",
            "url": f"{self.wire.url}/backend",
            "poll_interval_seconds": 0.05,
        }
        quick = {
            "unreachable_timeout_seconds": 2.0,
            "response_timeout_seconds": 5.0,
            "download_timeout_seconds": 5.0,
            "retry_backoff_seconds": 0.01,
        }
        settings = SoraEngineSettings.model_validate(known | quick | given)
        return SoraEngine("far", settings, self.pool.upstreams.pool("far"))

    def person(self, name: str, slots: Slots | None = None, **given: Any) -> Person:
        """Somebody with an account there that is known here."""
        person = self.server.add(name, **given)
        tokens = TokenSet(access=person.access, refresh=person.refresh)
        self.desk.add(
            UpstreamAccountCreate("far", tokens, name, f"{name}@example.com", slots or Slots())
        )
        return person

    def view(self, name: str) -> UpstreamAccountView:
        return next(one for one in self.desk.all() if one.account.label == name)

    def tokens(self, name: str) -> TokenSet:
        found = self.pool.tokens(self.view(name).account.id)
        assert isinstance(found, TokenSet)
        return found

    def specs(self, count: int, prompt: str = "a fox", **given: Any) -> list[RenderSpec]:
        known = {"width": 640, "height": 352, "fps": 30, "frames": 300, "seed": 1}
        return [
            RenderSpec(job_id=job_id, kind=MediaKind.VIDEO, prompt=prompt, **{**known, **given})
            for job_id in new_jobs(self.services, self.caller, count)
        ]

    def submit(self, spec: RenderSpec, engine: SoraEngine | None = None) -> Ticket:
        return asyncio.run((engine or self.engine()).submit(spec))

    def render(self, *specs: RenderSpec) -> list[list[ArtifactRole]]:
        engine = self.engine()

        async def one(spec: RenderSpec) -> list[ArtifactRole]:
            folder = self.folder / spec.job_id.hex
            folder.mkdir()
            ticket = await engine.submit(spec)
            context = RenderContext(spec, folder, lambda _: None)
            try:
                return [file.role for file in await engine.collect(ticket, context)]
            finally:
                self.end(spec.job_id)

        async def all_of() -> list[list[ArtifactRole]]:
            async with asyncio.timeout(25):
                return await asyncio.gather(*map(one, specs))

        return asyncio.run(all_of())

    def end(self, job_id: UUID) -> None:
        self.services.core.jobs.cancel(self.caller, job_id)


@pytest.fixture
def ground(services: Services, caller: Caller, tmp_path: Path) -> Iterator[Ground]:
    server = SoraServer()
    with sora_server(server) as wire:
        yield Ground(services, caller, server, wire, tmp_path)


def refusal(ground: Ground, spec: RenderSpec) -> UpstreamError:
    with pytest.raises(UpstreamError) as refused:
        ground.submit(spec)
    return refused.value


def test_jobs_wait_for_a_free_slot_and_share_one_poll(ground: Ground) -> None:
    ann = ground.person("ann", Slots(videos=2))
    roles = ground.render(*ground.specs(5))
    assert roles == [[ArtifactRole.VIDEO, ArtifactRole.THUMBNAIL, ArtifactRole.SPRITESHEET]] * 5
    assert (len(ann.tasks), ground.view("ann").account.videos_made) == (5, 5)
    assert ground.view("ann").account.videos_left == 100
    assert ground.desk.delete_ended_leases() == 5


def test_many_jobs_of_an_account_do_not_make_many_polls(ground: Ground) -> None:
    ann = ground.person("ann", Slots(videos=-1))
    ground.render(*ground.specs(12))
    assert ann.looks <= 2 * 12  # each job needs three looks: alone they would make 36
    assert ground.wire.count("POST", "/backend/nf/create") == 12


def test_a_violation_fails_the_job_and_not_the_account(ground: Ground) -> None:
    ground.person("ann")
    with pytest.raises(UpstreamError) as failure:
        ground.render(*ground.specs(1, "[fail] now"))
    assert failure.value.failure_kind is FailureKind.MODERATION
    assert "guardrails" in str(failure.value)
    assert ground.view("ann").account.failures == 0


def test_a_refused_token_is_renewed_once_and_kept_before_it_is_used(ground: Ground) -> None:
    ann = ground.person("ann")
    ann.access = "revoked-there"
    with capture_logs() as logs:
        ground.submit(ground.specs(1)[0])
    assert (ground.server.refreshes, len(ann.tasks)) == (1, 1)
    assert ground.tokens("ann") == TokenSet("at-ann-1", None, "rt-ann-1")
    assert "at-ann" not in str(logs)
    assert "rt-ann" not in str(logs)


def test_many_jobs_renew_a_token_once(ground: Ground) -> None:
    ann = ground.person("ann", Slots(videos=-1))
    ann.access = "revoked-there"
    ground.render(*ground.specs(6))
    assert ground.server.refreshes == 1


def test_a_token_rejected_again_after_its_refresh_quarantines_the_account(ground: Ground) -> None:
    ann, ben = ground.person("ann"), ground.person("ben")
    ann.access, ground.server.refuse_new_tokens = "revoked-there", True
    ground.submit(ground.specs(1)[0])
    assert (len(ann.tasks), len(ben.tasks)) == (0, 1)
    view = ground.view("ann")
    assert view.state is UpstreamAccountState.QUARANTINED
    assert (view.account.reason or "").startswith("Its new token is rejected")
    assert "at-ann" not in (view.account.reason or "")


def test_a_renewal_that_is_refused_sets_the_account_aside_without_its_token(
    ground: Ground,
) -> None:
    ann = ground.person("ann")
    ann.access, ann.refresh = "revoked-there", "revoked-too"
    with pytest.raises(EngineError) as failure:
        ground.submit(ground.specs(1)[0])
    assert failure.value.not_accepted
    view = ground.view("ann")
    assert view.state is UpstreamAccountState.QUARANTINED
    assert (view.account.reason or "").startswith("Its token cannot be refreshed")
    assert "rt-ann" not in (view.account.reason or "")


def test_a_kill_between_a_rotation_and_its_storing_is_told_and_can_be_mended(
    ground: Ground, clock: FakeClock
) -> None:
    ann = ground.person("ann")
    account = ground.view("ann").account.id
    ground.pool.claim_refresh(account)
    ground.server.refresh_tokens("rt-ann-0")  # the answer never came to be stored
    clock.advance(timedelta(seconds=91))
    with pytest.raises(EngineError):
        ground.submit(ground.specs(1)[0])
    assert ground.view("ann").state is UpstreamAccountState.QUARANTINED
    mended = TokenSet(refresh=ann.refresh)
    ground.desk.add(UpstreamAccountCreate("far", mended, email="ann@example.com"))
    ground.submit(ground.specs(1)[0])
    assert (ground.view("ann").state, len(ann.tasks)) == (UpstreamAccountState.READY, 1)


def test_a_token_is_renewed_before_it_ends_and_the_account_is_looked_at(
    ground: Ground, clock: FakeClock
) -> None:
    ann = ground.server.add("ann")
    claims = {"exp": int(clock.now().timestamp()) + 300}
    ann.access = jwt.encode(claims, "k" * 32, "HS256")
    tokens = TokenSet(access=ann.access, refresh=ann.refresh)
    ground.desk.add(UpstreamAccountCreate("far", tokens, "ann"))
    sessions = ground.engine().sessions

    assert asyncio.run(sessions.maintain()) == 1

    account = ground.view("ann").account
    assert ground.tokens("ann") == TokenSet("at-ann-1", None, "rt-ann-1")
    assert (account.email, account.plan, account.videos_left) == ("ann@example.com", "plus", 100)
    assert asyncio.run(sessions.maintain()) == 0
    clock.advance(timedelta(hours=7))
    assert asyncio.run(sessions.maintain()) == 1


def test_heavy_load_is_waited_for_and_counts_against_nobody(ground: Ground) -> None:
    ann = ground.person("ann")
    ann.faults = [error(503, "heavy_load", "We're under heavy load, please try again later.")]
    ground.submit(ground.specs(1)[0])
    assert (len(ann.tasks), ground.view("ann").account.failures) == (1, 0)


def test_an_account_that_is_full_there_is_left_alone_and_not_blamed(ground: Ground) -> None:
    ann, ben = ground.person("ann"), ground.person("ben")
    message = "You already have 3 generations in progress."
    ann.faults = [error(429, "too_many_concurrent_tasks", message)]
    ground.submit(ground.specs(1)[0])
    assert (len(ann.tasks), len(ben.tasks)) == (0, 1)
    view = ground.view("ann")
    assert (view.state, view.account.failures) == (UpstreamAccountState.COOLDOWN, 0)


def test_a_spent_quota_sends_the_job_to_another_account(ground: Ground) -> None:
    ann, ben = ground.person("ann"), ground.person("ben")
    ann.videos_left = 0
    gone = {"type": "rate_limit_exhausted", "rate_limit_and_credit_balance": quota(ann)}
    ann.faults = [error(429, "rate_limit_exhausted", "No more videos.", **gone)]
    ground.submit(ground.specs(1)[0])
    assert (len(ann.tasks), len(ben.tasks)) == (0, 1)
    assert ground.view("ann").account.videos_left == 0
    ben.faults = [error(429, "rate_limit_exhausted", "No more videos.", **gone)]
    failure = refusal(ground, ground.specs(1)[0])
    assert (failure.failure_kind, failure.not_accepted) == (FailureKind.QUOTA, True)
    assert 3000 < (failure.retry_after or 0) <= 3600


def test_an_ambiguous_create_is_never_sent_again(ground: Ground) -> None:
    ann = ground.person("ann")
    ann.faults = [Reply(reset=True)]
    spec = ground.specs(1)[0]
    assert refusal(ground, spec).failure_kind is FailureKind.UNCERTAIN
    assert refusal(ground, spec).failure_kind is FailureKind.UNCERTAIN  # as after a crash, too
    assert (ground.wire.count("POST", "/backend/nf/create"), len(ann.tasks)) == (1, 0)
    assert ground.view("ann").account.failures == 1


def test_a_job_goes_on_where_a_crash_left_it(ground: Ground) -> None:
    ground.person("ann")
    ground.person("ben")
    spec = ground.specs(1)[0]
    first = ground.submit(spec)
    assert ground.submit(spec) == first  # its checkpoint was lost, not the lease
    assert ground.server.made == 1


def test_a_refusal_fails_the_job_and_frees_the_account(ground: Ground) -> None:
    ann = ground.person("ann", Slots(videos=1))
    ann.faults = [error(400, "invalid_request", "The prompt is too long.")]
    failure = refusal(ground, ground.specs(1)[0])
    assert (failure.failure_kind, failure.not_accepted) == (FailureKind.INVALID_REQUEST, False)
    assert "too long" in str(failure)
    assert (ground.view("ann").account.failures, ground.view("ann").videos) == (0, 0)


def test_pro_jobs_need_a_pro_account(ground: Ground) -> None:
    ground.person("ann")
    large = ground.specs(1, width=1280, height=704)[0]
    asyncio.run(ground.engine().maintenance())
    with pytest.raises(EngineError, match="plan") as refused:
        ground.submit(large)
    assert refused.value.job_specific
    ben = ground.person("ben", plan="pro")
    asyncio.run(ground.engine().maintenance())
    ground.submit(large)
    assert len(ben.tasks) == 1


LOOKS = {
    "reset": Reply(reset=True),
    "500": Reply(500, b"oops"),
    "502 page": Reply(502, b"<html>gateway</html>", {"content-type": "text/html"}),
    "429": Reply(429, b"{}", {"retry-after": "0"}),
    "page": Reply(200, b"<html>hello</html>", {"content-type": "text/html"}),
    "wrong shape": Reply(200, b'[{"id": 5}]'),
    "cut": Reply(200, b"[" + b" " * 1000 + b"]", cut=10),
    "empty": Reply(200, b""),
    "401": error(401, "token_invalidated", "Unauthorized"),
}


@pytest.mark.parametrize("name", sorted(LOOKS))
def test_looks_that_fail_do_no_harm(ground: Ground, name: str) -> None:
    ann = ground.person("ann")
    ann.look_faults = [LOOKS[name]]
    [roles] = ground.render(*ground.specs(1))
    assert ArtifactRole.VIDEO in roles
    assert (len(ann.tasks), ann.look_faults) == (1, [])


def test_what_fails_before_the_create_leaves_nothing_uncertain(ground: Ground) -> None:
    ann = ground.person("ann")
    ann.access, ground.server.broken_tokens = "revoked-there", True
    spec = ground.specs(1)[0]
    assert refusal(ground, spec).failure_kind is FailureKind.UNREACHABLE
    assert ground.view("ann").state is UpstreamAccountState.READY
    ground.server.broken_tokens = False
    picture = ground.folder / "first.png"
    picture.write_bytes(png_bytes(64, 64))
    ann.upload_faults = [Reply(reset=True)]
    started = replace(spec, first_frame=picture)
    assert refusal(ground, started).failure_kind is FailureKind.UNREACHABLE
    ground.submit(started)
    assert len(ann.tasks) == 1


@pytest.mark.parametrize(("setting", "start"), [("generation", "gen_"), ("post", "s_")])
def test_a_remix_goes_to_the_account_that_has_the_video(
    ground: Ground, setting: str, start: str
) -> None:
    ground.person("ann")
    ben = ground.person("ben")
    ground.desk.change(ground.view("ann").account.id, UpstreamAccountUpdate(enabled=False))
    first, second = ground.specs(2)
    engine = ground.engine(remix=setting)
    ticket = ground.submit(first, engine)
    ben.seen.update(dict.fromkeys(ben.tasks, 9))  # it is done
    ground.desk.change(ground.view("ann").account.id, UpstreamAccountUpdate(enabled=True))
    remix = replace(second, action=JobAction.REMIX, parent=ticket)
    assert ground.submit(remix, engine).data["account"] == ticket.data["account"]
    assert (ben.targets[1] or "").startswith(start)
    assert ground.server.posts == []  # a post is taken back


def test_a_remix_of_what_was_rendered_elsewhere_is_refused(ground: Ground) -> None:
    ground.person("ann")
    spec = replace(ground.specs(1)[0], action=JobAction.REMIX)
    assert refusal(ground, spec).failure_kind is FailureKind.INVALID_REQUEST


def test_a_canceled_job_stops_waiting_for_an_account(ground: Ground) -> None:
    ground.person("ann", Slots(videos=1))
    first, second = ground.specs(2)
    ground.submit(first)

    async def wait() -> None:
        task = asyncio.create_task(ground.engine().submit(second))
        await asyncio.sleep(0)
        await asyncio.to_thread(ground.end, second.job_id)
        with pytest.raises(TimeoutError):
            await task

    asyncio.run(wait())
    assert ground.server.made == 1


def test_a_server_that_is_away_leaves_the_job_to_others_and_the_account_unblamed(
    ground: Ground,
) -> None:
    ground.person("ann")
    with pytest.raises(UpstreamError) as failure:
        ground.submit(ground.specs(1)[0], ground.engine(url="http://127.0.0.1:9/backend"))
    assert (failure.value.failure_kind, failure.value.not_accepted) == (
        FailureKind.UNREACHABLE,
        True,
    )
    assert (ground.view("ann").account.failures, ground.view("ann").videos) == (0, 0)
