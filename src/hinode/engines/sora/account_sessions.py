"""Keep accounts usable: refresh their tokens and check them.

A refreshed token is stored before it is used. A rejected token is refreshed once; an account whose
refresh or new token is rejected, too, is quarantined with the reason. Failures of the server itself
are not counted as the account's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import structlog

from hinode.engines.sora import tokens
from hinode.engines.sora.account_models import UpstreamQuota
from hinode.engines.sora.client import SoraClient
from hinode.engines.sora.errors import (
    AccountNotActivated,
    RequestRejected,
    ResourceNotFound,
    ServerUnreachable,
    SoraClientError,
    TokenExpired,
    TokenInvalid,
)
from hinode.engines.sora.transport import HttpTransport
from hinode.upstream_accounts import (
    AccountInfo,
    AccountPool,
    TokenSet,
    TokensUnreadable,
)

_REFRESH_POLL_SECONDS = 0.25
_REJECTED = (TokenExpired, TokenInvalid, RequestRejected, ResourceNotFound)
_PLANS = {"free": "free", "plus": "plus", "pro": "pro", "team": "team"}

T = TypeVar("T")

log = structlog.get_logger("hinode.upstream")


class AccountUnusable(Exception):
    """An account cannot be used any more; the message says why and has no token."""


class AccountSessions:
    """The accounts of one server as clients with valid tokens."""

    def __init__(self, transport: HttpTransport, pool: AccountPool) -> None:
        self.transport = transport
        self.pool = pool

    async def run_with_client(
        self, account_id: UUID, call: Callable[[SoraClient], Awaitable[T]]
    ) -> T:
        """Make a call with an account's token; once more with a new one if it is rejected.

        A token is rejected before anything is executed, so this is safe for a call that must not be
        repeated. Raises :class:`AccountUnusable` and :class:`SoraClientError`.
        """
        access = await self._access_token(account_id)
        try:
            return await call(SoraClient(self.transport, access))
        except (TokenExpired, TokenInvalid):
            access = await self.refresh_access(account_id, access)
        try:
            return await call(SoraClient(self.transport, access))
        except (TokenExpired, TokenInvalid) as error:
            raise await self._quarantine(
                account_id, f"Its new token is rejected: {error}"
            ) from error

    async def refresh_access(self, account_id: UUID, stale: str | None) -> str:
        """Return a token other than ``stale``, refreshed by this process or another.

        Raises :class:`AccountUnusable`, and :class:`SoraClientError` when the server fails.
        """
        while True:
            token_set = await self._tokens(account_id)
            if token_set.access and token_set.access != stale:
                return token_set.access
            if not (token_set.session or token_set.refresh):
                raise await self._quarantine(
                    account_id,
                    "Its access token is rejected, and it has no token to refresh it with.",
                )
            if await self.pool.claim_refresh(account_id):
                return await self._refresh(account_id, stale)
            await asyncio.sleep(_REFRESH_POLL_SECONDS)

    async def _refresh(self, account_id: UUID, stale: str | None) -> str:
        # Read again: another process may have refreshed it just before our claim.
        token_set = await self._tokens(account_id)
        if token_set.access and token_set.access != stale:
            await self.pool.finish_refresh(account_id, None)
            return token_set.access
        try:
            made = await self._exchange_tokens(token_set)
        except _REJECTED as error:
            await self.pool.finish_refresh(account_id, None)
            if await self._tokens(account_id) != token_set:
                # The operator replaced the tokens in this moment.
                return await self.refresh_access(account_id, stale)
            raise await self._quarantine(
                account_id, f"Its token cannot be refreshed: {error}"
            ) from error
        except SoraClientError as error:
            await self.pool.finish_refresh(account_id, None)
            # The request that the token is for was certainly not sent.
            raise ServerUnreachable(f"A token cannot be refreshed now: {error.reason}") from error
        except BaseException:
            await asyncio.shield(self.pool.finish_refresh(account_id, None))
            raise
        # The old refresh token is used up: store the new one before anything else.
        await asyncio.shield(self.pool.finish_refresh(account_id, made))
        log.info("access token refreshed", account=str(account_id))
        return made.access or ""

    async def _exchange_tokens(self, token_set: TokenSet) -> TokenSet:
        """Get a token by the session token, which stays valid, else by the refresh token."""
        if token_set.session:
            try:
                session = await tokens.session(self.transport, token_set.session)
            except _REJECTED:
                if not token_set.refresh:
                    raise
            else:
                return TokenSet(session.access_token)
        made = await tokens.refresh(
            self.transport,
            token_set.refresh or "",
            client_id=token_set.client_id or tokens.CLIENT_ID,
        )
        return TokenSet(made.access_token, refresh=made.refresh_token)

    async def check_account(self, account_id: UUID) -> AccountInfo:
        """Query an account's profile, plan and quota, and store them.

        Raises :class:`AccountUnusable` and :class:`SoraClientError`.
        """
        try:
            info = await self.run_with_client(account_id, _fetch_info)
        except AccountNotActivated:
            await self.run_with_client(account_id, lambda client: client.account.bootstrap())
            info = await self.run_with_client(account_id, _fetch_info)
        await self.pool.update_info(account_id, info)
        return info

    async def update_quota(self, account_id: UUID, quota: UpstreamQuota | None) -> None:
        """Store an account's quota as the server reported it; None: nothing to store."""
        if quota is not None:
            await self.pool.update_info(account_id, info_from_quota(quota))

    async def maintain(self) -> int:
        """Refresh tokens that end soon, check accounts not checked for long; return how many."""
        due = await self.pool.list_due()
        slots = asyncio.Semaphore(4)

        async def one(account_id: UUID) -> None:
            async with slots:
                await self._maintain_account(account_id)

        await asyncio.gather(*map(one, due))
        return len(due)

    async def _maintain_account(self, account_id: UUID) -> None:
        try:
            if await self.pool.expires_soon(account_id):
                await self.refresh_access(account_id, (await self._tokens(account_id)).access)
            await self.check_account(account_id)
        except (AccountUnusable, SoraClientError) as error:
            log.warning("account check failed", account=str(account_id), reason=str(error))
        except Exception:
            # Check the other accounts all the same: their tokens end.
            log.exception("account check failed", account=str(account_id))

    async def _access_token(self, account_id: UUID) -> str:
        token_set = await self._tokens(account_id)
        return token_set.access or await self.refresh_access(account_id, None)

    async def _tokens(self, account_id: UUID) -> TokenSet:
        try:
            token_set = await self.pool.tokens(account_id)
        except TokensUnreadable as error:
            # A cooldown and no quarantine: all work again once the key is restored.
            await self.pool.record_failure(account_id, str(error))
            raise AccountUnusable(str(error)) from error
        if token_set is None:
            raise AccountUnusable("The account was removed.")
        return token_set

    async def _quarantine(self, account_id: UUID, reason: str) -> AccountUnusable:
        await self.pool.quarantine(account_id, reason)
        log.warning("account quarantined", account=str(account_id), reason=reason)
        return AccountUnusable(reason)


async def _fetch_info(client: SoraClient) -> AccountInfo:
    me = await client.account.me()
    plans = await client.account.subscriptions()
    found = info_from_quota(await client.account.quota())
    plan = _plan(plans[0].plan_id) if plans else "free"
    return AccountInfo(me.email, plan, found.videos_left, found.resets_in)


def info_from_quota(quota: UpstreamQuota) -> AccountInfo:
    """Return the videos left and the time of the reset."""
    if quota.exhausted:
        return AccountInfo(videos_left=0, resets_in=quota.resets_in)
    left = None if quota.videos is None else int(quota.videos + (quota.purchased or 0))
    return AccountInfo(videos_left=left, resets_in=quota.resets_in)


def _plan(plan_id: str) -> str:
    """Parse ``chatgpt_pro`` and ``chatgptplusplan`` alike; an unknown plan counts as plus."""
    word = plan_id.lower().removeprefix("chatgpt").strip("_").removesuffix("plan")
    return _PLANS.get(word, "plus")
