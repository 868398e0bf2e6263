"""The studio's accounts as an engine's pool: its verbs in threads, its words translated."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

from hinode.core.account_pool import AccountPool
from hinode.core.accounts.types import Plan
from hinode.core.upstreams import types
from hinode.engines.sora import account_pool
from hinode.engines.sora.account_pool import (
    AccountInfo,
    AccountLease,
    LeaseUnavailable,
    TokenSet,
    TokensUnreadable,
)
from hinode.kit.sealing import SealBroken


@dataclass(frozen=True, slots=True)
class EngineAccountPool:
    """The accounts of one engine, for its client to use."""

    engine: str
    accounts: AccountPool

    async def acquire(
        self, job_id: UUID, request: account_pool.LeaseRequest
    ) -> AccountLease | LeaseUnavailable | None:
        """Give a job an account, or the one that it has; None when the job should not go on."""
        wanted = types.Need(request.kind, request.pro, request.account_id)
        found = await asyncio.to_thread(self.accounts.acquire, self.engine, job_id, wanted)
        if isinstance(found, types.Shortage):
            return LeaseUnavailable(account_pool.UnavailableReason(found.why.value), found.seconds)
        if found is None:
            return None
        return AccountLease(found.job_id, found.account_id, found.kind, found.sent, found.remote_id)

    async def mark_sending(self, job_id: UUID) -> None:
        """Note that a job's request is about to go out."""
        await asyncio.to_thread(self.accounts.sending, job_id)

    async def mark_sent(self, lease: AccountLease, remote_id: str) -> None:
        """Note that the server took a job."""
        held = types.Lease(lease.job_id, lease.account_id, lease.kind)
        await asyncio.to_thread(self.accounts.sent, held, remote_id)

    async def release(self, job_id: UUID) -> None:
        """Let a job's account go."""
        await asyncio.to_thread(self.accounts.release, job_id)

    async def tokens(self, account_id: UUID) -> TokenSet | None:
        """Return an account's tokens; None when it is gone. Raises :class:`TokensUnreadable`."""
        try:
            found = await asyncio.to_thread(self.accounts.tokens_of, account_id)
        except SealBroken as error:
            raise TokensUnreadable(
                "Its tokens were sealed with another key: put the file sealing.key that belongs "
                "to this database back."
            ) from error
        if found is None:
            return None
        return TokenSet(found.access, found.session, found.refresh, found.client_id)

    async def expires_soon(self, account_id: UUID) -> bool:
        """Whether an account's access token should be renewed before it is used."""
        return await asyncio.to_thread(self.accounts.ends_soon, account_id)

    async def claim_refresh(self, account_id: UUID) -> bool:
        """Be the one that renews an account's token."""
        return await asyncio.to_thread(self.accounts.claim_refresh, account_id)

    async def finish_refresh(self, account_id: UUID, tokens: TokenSet | None) -> None:
        """Keep those tokens that are given; None: the renewal failed."""
        given = None if tokens is None else types.Tokens(tokens.access, None, tokens.refresh)
        await asyncio.to_thread(self.accounts.refreshed, account_id, given)

    async def record_failure(self, account_id: UUID, reason: str) -> None:
        """Count an error of the account's own."""
        await asyncio.to_thread(self.accounts.failed, account_id, reason)

    async def cool_down(self, account_id: UUID, seconds: float, reason: str) -> None:
        """Leave an account alone for some seconds."""
        await asyncio.to_thread(self.accounts.pause, account_id, seconds, reason)

    async def quarantine(self, account_id: UUID, reason: str) -> None:
        """Use an account no more."""
        await asyncio.to_thread(self.accounts.set_aside, account_id, reason)

    async def update_info(self, account_id: UUID, info: AccountInfo) -> None:
        """Keep what the server said of an account."""
        plan = None if info.plan is None else Plan(info.plan)
        learned = types.Learned(info.email, plan, info.videos_left, info.resets_in)
        await asyncio.to_thread(self.accounts.learn, account_id, learned)

    async def list_due(self) -> list[UUID]:
        """Return the accounts to renew or to look at."""
        return await asyncio.to_thread(self.accounts.due, self.engine)
