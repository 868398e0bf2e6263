"""The studio's accounts as an engine's pool: its verbs in threads, its words translated."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

from hinode.engines.sora import pool
from hinode.engines.sora.pool import Facts, Grants, Lease, NoLease, UnreadableGrants
from hinode.kit.sealing import SealBroken
from hinode.studio.account_pool import AccountPool
from hinode.studio.accounts.types import Plan
from hinode.studio.upstreams import types


@dataclass(frozen=True, slots=True)
class EnginePool:
    """The accounts of one engine; :class:`hinode.engines.sora.pool.AccountPool` says what of."""

    engine: str
    studio: AccountPool

    async def acquire(self, job_id: UUID, need: pool.Need) -> Lease | NoLease | None:
        """Give a job an account, or the one that it has; None when the job should not go on."""
        wanted = types.Need(need.kind, need.pro, need.account_id)
        found = await asyncio.to_thread(self.studio.acquire, self.engine, job_id, wanted)
        if isinstance(found, types.Shortage):
            return NoLease(pool.Why(found.why.value), found.seconds)
        if found is None:
            return None
        return Lease(found.job_id, found.account_id, found.kind, found.sent, found.remote_id)

    async def sending(self, job_id: UUID) -> None:
        """Note that a job's request is about to go out."""
        await asyncio.to_thread(self.studio.sending, job_id)

    async def sent(self, lease: Lease, remote_id: str) -> None:
        """Note that the server took a job."""
        held = types.Lease(lease.job_id, lease.account_id, lease.kind)
        await asyncio.to_thread(self.studio.sent, held, remote_id)

    async def release(self, job_id: UUID) -> None:
        """Let a job's account go."""
        await asyncio.to_thread(self.studio.release, job_id)

    async def grants(self, account_id: UUID) -> Grants | None:
        """Return an account's tokens; None when it is gone. Raises :class:`UnreadableGrants`."""
        try:
            found = await asyncio.to_thread(self.studio.tokens_of, account_id)
        except SealBroken as error:
            raise UnreadableGrants(
                "Its tokens were sealed with another key: put the file sealing.key that belongs "
                "to this database back."
            ) from error
        if found is None:
            return None
        return Grants(found.access, found.session, found.refresh, found.client_id)

    async def ends_soon(self, account_id: UUID) -> bool:
        """Whether an account's access token should be renewed before it is used."""
        return await asyncio.to_thread(self.studio.ends_soon, account_id)

    async def claim_refresh(self, account_id: UUID) -> bool:
        """Be the one that renews an account's token."""
        return await asyncio.to_thread(self.studio.claim_refresh, account_id)

    async def refreshed(self, account_id: UUID, tokens: Grants | None) -> None:
        """Keep those tokens that are given; None: the renewal failed."""
        given = None if tokens is None else types.Tokens(tokens.access, None, tokens.refresh)
        await asyncio.to_thread(self.studio.refreshed, account_id, given)

    async def failed(self, account_id: UUID, reason: str) -> None:
        """Count an error of the account's own."""
        await asyncio.to_thread(self.studio.failed, account_id, reason)

    async def pause(self, account_id: UUID, seconds: float, reason: str) -> None:
        """Leave an account alone for some seconds."""
        await asyncio.to_thread(self.studio.pause, account_id, seconds, reason)

    async def set_aside(self, account_id: UUID, reason: str) -> None:
        """Use an account no more."""
        await asyncio.to_thread(self.studio.set_aside, account_id, reason)

    async def learn(self, account_id: UUID, facts: Facts) -> None:
        """Keep what the server said of an account."""
        plan = None if facts.plan is None else Plan(facts.plan)
        learned = types.Learned(facts.email, plan, facts.videos_left, facts.resets_in)
        await asyncio.to_thread(self.studio.learn, account_id, learned)

    async def due(self) -> list[UUID]:
        """Return the accounts to renew or to look at."""
        return await asyncio.to_thread(self.studio.due, self.engine)
