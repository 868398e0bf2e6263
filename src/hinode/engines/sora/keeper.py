"""Keeping accounts usable: their tokens renewed, durably before they are used, and looked at.

A token that is refused is renewed once; an account whose renewal is refused, or whose new token
is, too, is set aside with the reason. Trouble with the server itself is not the account's fault.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import structlog

from hinode.engines.sora import tokens
from hinode.engines.sora.account_shapes import Quota
from hinode.engines.sora.client import SoraClient
from hinode.engines.sora.failures import (
    AuthExpired,
    AuthInvalid,
    NotActivated,
    NotFound,
    Refused,
    SoraFailure,
    Unreachable,
)
from hinode.engines.sora.link import Link
from hinode.engines.sora.pool import AccountPool, Facts, Grants, UnreadableGrants

_WAIT_SECONDS = 0.25
_REFUSED = (AuthExpired, AuthInvalid, Refused, NotFound)
_PLANS = {"free": "free", "plus": "plus", "pro": "pro", "team": "team"}

T = TypeVar("T")

log = structlog.get_logger("hinode.upstream")


class AccountLost(Exception):
    """An account cannot be used any more; the text says why and holds no token."""


class Keeper:
    """The accounts of one server as clients that stay signed in."""

    def __init__(self, link: Link, pool: AccountPool) -> None:
        self.link = link
        self.pool = pool

    async def ask(self, account_id: UUID, call: Callable[[SoraClient], Awaitable[T]]) -> T:
        """Make a call with an account's token; once more with a new one if it is refused.

        A refused token is refused before anything is done, so the call may be one that must not be
        repeated. Raises :class:`AccountLost` and :class:`SoraFailure`.
        """
        access = await self._access(account_id)
        try:
            return await call(SoraClient(self.link, access))
        except (AuthExpired, AuthInvalid):
            access = await self.renew(account_id, access)
        try:
            return await call(SoraClient(self.link, access))
        except (AuthExpired, AuthInvalid) as error:
            raise await self._lost(account_id, f"Its new token is refused: {error}") from error

    async def renew(self, account_id: UUID, stale: str | None) -> str:
        """Return a token other than ``stale``, renewed by this process or another.

        Raises :class:`AccountLost`, and :class:`SoraFailure` when the server cannot be asked.
        """
        while True:
            grants = await self._grants(account_id)
            if grants.access and grants.access != stale:
                return grants.access
            if not (grants.session or grants.refresh):
                raise await self._lost(
                    account_id, "Its access token is refused, and it has nothing to renew it with."
                )
            if await self.pool.claim_refresh(account_id):
                return await self._renew(account_id, stale)
            await asyncio.sleep(_WAIT_SECONDS)

    async def _renew(self, account_id: UUID, stale: str | None) -> str:
        # Read again: another process may have renewed it just before the claim was ours.
        grants = await self._grants(account_id)
        if grants.access and grants.access != stale:
            await self.pool.refreshed(account_id, None)
            return grants.access
        try:
            made = await self._trade(grants)
        except _REFUSED as error:
            await self.pool.refreshed(account_id, None)
            if await self._grants(account_id) != grants:
                # The operator mended it in this moment.
                return await self.renew(account_id, stale)
            raise await self._lost(account_id, f"Its token cannot be renewed: {error}") from error
        except SoraFailure as error:
            await self.pool.refreshed(account_id, None)
            # What the token was wanted for has surely not been done.
            raise Unreachable(f"A token cannot be renewed now: {error.reason}") from error
        except BaseException:
            await asyncio.shield(self.pool.refreshed(account_id, None))
            raise
        # The old refresh token is used up: nothing may come before the new one is kept.
        await asyncio.shield(self.pool.refreshed(account_id, made))
        log.info("token renewed", account=str(account_id))
        return made.access or ""

    async def _trade(self, grants: Grants) -> Grants:
        """Get a token by the session, which stays good, else by the refresh token."""
        if grants.session:
            try:
                session = await tokens.session(self.link, grants.session)
            except _REFUSED:
                if not grants.refresh:
                    raise
            else:
                return Grants(session.access_token)
        made = await tokens.refresh(
            self.link, grants.refresh or "", client_id=grants.client_id or tokens.CLIENT_ID
        )
        return Grants(made.access_token, refresh=made.refresh_token)

    async def look(self, account_id: UUID) -> Facts:
        """Ask who an account is, its plan and its quota, and keep it.

        Raises :class:`AccountLost` and :class:`SoraFailure`.
        """
        try:
            facts = await self.ask(account_id, _facts)
        except NotActivated:
            await self.ask(account_id, lambda client: client.account.bootstrap())
            facts = await self.ask(account_id, _facts)
        await self.pool.learn(account_id, facts)
        return facts

    async def learn_quota(self, account_id: UUID, quota: Quota | None) -> None:
        """Keep what a server said of an account's quota; None: nothing."""
        if quota is not None:
            await self.pool.learn(account_id, facts_of(quota))

    async def tend(self) -> int:
        """Renew the tokens that end soon and look at accounts not seen for long; how many."""
        due = await self.pool.due()
        slots = asyncio.Semaphore(4)

        async def one(account_id: UUID) -> None:
            async with slots:
                await self._tend(account_id)

        await asyncio.gather(*map(one, due))
        return len(due)

    async def _tend(self, account_id: UUID) -> None:
        try:
            if await self.pool.ends_soon(account_id):
                await self.renew(account_id, (await self._grants(account_id)).access)
            await self.look(account_id)
        except (AccountLost, SoraFailure) as error:
            log.warning("account not seen", account=str(account_id), reason=str(error))
        except Exception:
            # The others are looked after all the same: their tokens end.
            log.exception("account not seen", account=str(account_id))

    async def _access(self, account_id: UUID) -> str:
        grants = await self._grants(account_id)
        return grants.access or await self.renew(account_id, None)

    async def _grants(self, account_id: UUID) -> Grants:
        try:
            grants = await self.pool.grants(account_id)
        except UnreadableGrants as error:
            # It rests and is not set aside: all are well again once the key is back.
            await self.pool.failed(account_id, str(error))
            raise AccountLost(str(error)) from error
        if grants is None:
            raise AccountLost("The account was removed.")
        return grants

    async def _lost(self, account_id: UUID, reason: str) -> AccountLost:
        await self.pool.set_aside(account_id, reason)
        log.warning("account set aside", account=str(account_id), reason=reason)
        return AccountLost(reason)


async def _facts(client: SoraClient) -> Facts:
    me = await client.account.me()
    plans = await client.account.subscriptions()
    found = facts_of(await client.account.quota())
    plan = _plan(plans[0].plan_id) if plans else "free"
    return Facts(me.email, plan, found.videos_left, found.resets_in)


def facts_of(quota: Quota) -> Facts:
    """Return what a quota says: how many videos are left, and when there are more."""
    if quota.exhausted:
        return Facts(videos_left=0, resets_in=quota.resets_in)
    left = None if quota.videos is None else int(quota.videos + (quota.purchased or 0))
    return Facts(videos_left=left, resets_in=quota.resets_in)


def _plan(plan_id: str) -> str:
    """Read ``chatgpt_pro`` and ``chatgptplusplan`` alike; an unknown plan counts as plus."""
    word = plan_id.lower().removeprefix("chatgpt").strip("_").removesuffix("plan")
    return _PLANS.get(word, "plus")
