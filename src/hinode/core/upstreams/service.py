"""Add, list, change, remove and export accounts at upstream servers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import Page, PageQuery, paginate
from hinode.core.upstreams import repository
from hinode.core.upstreams.pool import EngineAccountPool
from hinode.core.upstreams.token_encryption import decrypt_tokens, encrypt_tokens
from hinode.core.upstreams.types import (
    Slots,
    UpstreamAccount,
    UpstreamAccountCreate,
    UpstreamAccountState,
    is_email,
)
from hinode.core.upstreams.validation import check, check_engine, check_label, check_slots
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.kit.jwt_claims import unverified_email, unverified_expiry
from hinode.kit.secret_box import DecryptionError, SecretBox
from hinode.media.types import MediaKind
from hinode.upstream_accounts import TokenSet

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class UpstreamAccountView:
    """An account, its current state, and its numbers of unfinished jobs."""

    account: UpstreamAccount
    state: UpstreamAccountState
    videos: int
    images: int


@dataclass(frozen=True, slots=True)
class UpstreamAccountUpdate:
    """Fields to update; None leaves a field unchanged."""

    enabled: bool | None = None
    label: str | None = None
    video_slots: int | None = None
    image_slots: int | None = None


@dataclass(frozen=True, slots=True)
class UpstreamService:
    """Administration of upstream accounts; ``engines`` are the names of engines with accounts.

    Methods raise :class:`HinodeError`.
    """

    db: Database
    secret_box: SecretBox
    clock: Clock
    engines: Collection[str]

    def pool(self, engine: str) -> EngineAccountPool:
        """Return the account pool of an engine."""
        return EngineAccountPool(self.db, self.secret_box, self.clock, engine)

    def delete_ended_leases(self) -> int:
        """Delete the leases of jobs that have ended; return their number."""
        with self.db.read() as conn:
            if not repository.has_ended_leases(conn):
                return 0
        with self.db.write() as conn:
            return repository.delete_ended_leases(conn)

    def add(self, new: UpstreamAccountCreate) -> UpstreamAccountView:
        """Add an account, or renew the tokens and the state of the one with its e-mail address.

        The address is that of the request, else that in the access token.
        """
        check(new, self.engines)
        email = new.email or _email_in(new.tokens)
        with self.db.write() as conn:
            known = repository.find_by_email(conn, new.engine, email.lower()) if email else None
            account_id = self._insert(conn, new, email) if known is None else known.id
            if known is not None:
                self._renew(conn, known, new)
            return self._view(conn, account_id)

    def _insert(self, conn: sa.Connection, new: UpstreamAccountCreate, email: str | None) -> UUID:
        account = UpstreamAccount(
            id=new_id(),
            engine=new.engine,
            label=new.label,
            email=email.lower() if email else None,
            plan=None,
            state=UpstreamAccountState.READY if new.enabled else UpstreamAccountState.DISABLED,
            reason=None,
            failures=0,
            cooldown_until=None,
            videos_left=None,
            resets_at=None,
            expires_at=unverified_expiry(new.tokens.access or ""),
            renewable=bool(new.tokens.session or new.tokens.refresh),
            slots=new.slots,
            videos_made=0,
            images_made=0,
            use_order=repository.last_use_order(conn, new.engine),
            last_used_at=None,
            checked_at=None,
            created_at=self.clock.now(),
        )
        repository.insert(conn, account, encrypt_tokens(self.secret_box, new.tokens))
        return account.id

    def _renew(
        self, conn: sa.Connection, known: UpstreamAccount, new: UpstreamAccountCreate
    ) -> None:
        values: dict[str, object] = {"expires_at": unverified_expiry(new.tokens.access or "")}
        if not new.tokens.access:
            # The stored access token belongs to the previous session.
            values = {"access_token": None, "expires_at": None}
        if new.label:
            values["label"] = new.label
        state = UpstreamAccountState.READY if new.enabled else UpstreamAccountState.DISABLED
        repository.change(conn, known.id, **_well(state), refreshing_until=None, **values)
        repository.change_tokens(conn, known.id, encrypt_tokens(self.secret_box, new.tokens))

    def page(self, engine: str | None, wanted: PageQuery) -> Page[UpstreamAccountView]:
        """Return a page of accounts, oldest first; None: of all engines."""
        if engine is not None:
            self._known(engine)
        with self.db.read() as conn:
            found = paginate(wanted, partial(repository.page, conn, engine))
            counts = repository.running(conn)
            return found.of([self._seen(one, counts) for one in found.items])

    def all(self, engine: str | None = None) -> list[UpstreamAccountView]:
        """Return all accounts of an engine, oldest first; None: of all engines."""
        if engine is not None:
            self._known(engine)
        with self.db.read() as conn:
            counts = repository.running(conn)
            return [self._seen(one, counts) for one in repository.all_of(conn, engine)]

    def view(self, account_id: UUID) -> UpstreamAccountView:
        """Return the account with this id."""
        with self.db.read() as conn:
            return self._view(conn, account_id)

    def change(self, account_id: UUID, wanted: UpstreamAccountUpdate) -> UpstreamAccountView:
        """Enable or disable an account, or change its label or slots.

        Enabling clears failures, cooldown and quarantine. A disabled account gets no new jobs and
        finishes those that it has.
        """
        with self.db.write() as conn:
            slots = _get(conn, account_id).slots
            values: dict[str, object] = {}
            if wanted.enabled is not None:
                values |= _well(
                    UpstreamAccountState.READY if wanted.enabled else UpstreamAccountState.DISABLED
                )
            if wanted.label is not None:
                check_label(wanted.label)
                values["label"] = wanted.label
            videos = slots.videos if wanted.video_slots is None else wanted.video_slots
            images = slots.images if wanted.image_slots is None else wanted.image_slots
            check_slots(Slots(videos, images))
            repository.change(conn, account_id, **values, video_slots=videos, image_slots=images)
            return self._view(conn, account_id)

    def remove(self, account_id: UUID) -> UpstreamAccountView:
        """Delete an account and its tokens; rejected while it has unfinished jobs."""
        with self.db.write() as conn:
            view = self._view(conn, account_id)
            if view.videos or view.images:
                raise HinodeError(
                    ErrorCode.NOT_READY,
                    f"This account has {view.videos + view.images} unfinished job(s).",
                    param="id",
                    hint="Disable it, and remove it when they have ended.",
                )
            repository.delete(conn, account_id)
            return view

    def export(self, engine: str) -> list[tuple[UpstreamAccount, TokenSet]]:
        """Return the accounts of an engine with their decrypted tokens."""
        self._known(engine)
        # Not a read: the audit log tells of it, as of every change.
        with self.db.write() as conn:
            return [
                (one, self._opened(repository.sealed_tokens(conn, one.id)))
                for one in repository.all_of(conn, engine)
            ]

    def _opened(self, tokens: TokenSet | None) -> TokenSet:
        try:
            return TokenSet() if tokens is None else decrypt_tokens(self.secret_box, tokens)
        except DecryptionError:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                "The tokens were encrypted with another key.",
                hint="Log in again, or restore the backup that the key belongs to.",
            ) from None

    def _known(self, engine: str) -> None:
        check_engine(engine, self.engines)

    def _view(self, conn: sa.Connection, account_id: UUID) -> UpstreamAccountView:
        return self._seen(_get(conn, account_id), repository.running(conn))

    def _seen(
        self, account: UpstreamAccount, counts: Mapping[tuple[UUID, MediaKind], int]
    ) -> UpstreamAccountView:
        return UpstreamAccountView(
            account,
            account.state_at(self.clock.now()),
            counts.get((account.id, MediaKind.VIDEO), 0),
            counts.get((account.id, MediaKind.IMAGE), 0),
        )


def _email_in(tokens: TokenSet) -> str | None:
    found = unverified_email(tokens.access or "")
    return found if found and is_email(found) else None


def _get(conn: sa.Connection, account_id: UUID) -> UpstreamAccount:
    found = repository.find(conn, account_id)
    if found is None:
        raise HinodeError(
            ErrorCode.UPSTREAM_NOT_FOUND,
            "There is no account of an engine with this id.",
            param="id",
        )
    return found


def _well(state: UpstreamAccountState) -> dict[str, object]:
    return {"state": state.value, "reason": None, "failures": 0, "cooldown_until": None}
