"""Build the parts that short commands need: data folder, database, catalog.

Separate from :mod:`hinode.services`, whose imports take most of a command's start-up time.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from hinode._version import DISTRIBUTION
from hinode.config.settings import Settings
from hinode.config.shared import differences, from_document
from hinode.core.accounts.plans import plan_limits
from hinode.core.accounts.types import Plan
from hinode.core.auth.login_throttle import LoginThrottle
from hinode.core.auth.rate_limiter import InMemoryRateLimiter, RateLimiter
from hinode.core.auth.session_service import SessionService
from hinode.core.auth.signup import AuthPolicy
from hinode.core.auth.single_sign_on import SignOnRules
from hinode.core.catalog.builtin import builtin_models
from hinode.core.catalog.capabilities import EngineCapabilities
from hinode.core.catalog.configured_models import with_configured_models
from hinode.core.catalog.service import Catalog
from hinode.core.cluster.keyring import ClusterKeySource, Keyring
from hinode.core.cluster.published_settings import PublishedSettings
from hinode.core.cluster.secret_check import open_keyring
from hinode.core.cluster.types import KeyPurpose
from hinode.core.errors import ErrorCode, HinodeError
from hinode.db.database import Database
from hinode.db.schema import upgrade
from hinode.engines.base import Capabilities, Engine, SupportsModels
from hinode.engines.kinds import kind_of
from hinode.kit.clock import Clock, SystemClock
from hinode.kit.jwt_keys import JwtKeys
from hinode.kit.private_files import create_private_file, tighten
from hinode.kit.proxy import parse_proxy
from hinode.media.types import MediaKind
from hinode.moderation.gate import ModerationGate
from hinode.moderation.types import ReviewStage

if TYPE_CHECKING:
    from hinode.kit.openid_connect import OpenIdClient

log = structlog.get_logger("hinode.config")

SIGN_ON_BYTES, SIGN_ON_SECONDS = 500_000, 10.0
"""Bounds of what a provider of single sign-on sends, and of each request to it."""

DEFAULT_MODELS = {MediaKind.VIDEO: "sora-2", MediaKind.IMAGE: "sora_image"}


def prepare_folder(settings: Settings) -> None:
    """Create the data folder with mode 0700, or tighten the rights of what is in it.

    Raises ``OSError`` when it cannot be written.
    """
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not os.access(settings.data, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "The data folder cannot be written", str(settings.data))
    tighten(settings.data)


def temporary_folder(settings: Settings) -> Path:
    """Return the folder of temporary files, such as uploads that are under way."""
    return settings.data / "tmp"


def open_database(settings: Settings) -> Database:
    """Open the database and migrate it to this version's schema."""
    db = Database(settings.database_url)
    if db.is_sqlite and db.url.database and db.url.database != ":memory:":
        create_private_file(Path(db.url.database))
    upgrade(db)
    return db


@contextmanager
def opened_database(settings: Settings) -> Iterator[Database]:
    """Open the database as :func:`open_database` does, and close it after the block."""
    db = open_database(settings)
    try:
        yield db
    finally:
        db.dispose()


def with_published(settings: Settings, db: Database) -> Settings:
    """Return the settings of this host with those that were published for all hosts.

    A value of this host that differs has no effect; a warning tells of it.
    """
    found = PublishedSettings(db, SystemClock()).read()
    if found is None:
        return settings
    published = from_document(found.document)
    for name in differences(settings, published):
        log.warning(
            "a setting of this host differs from the published one and has no effect",
            setting=name,
            published_by=found.host,
            remedy="remove it here, or run `hinode config publish` to give it to all hosts",
        )
    return settings.model_copy(update=published)


def open_keys(settings: Settings, db: Database, clock: Clock) -> Keyring:
    """Open the keys of the database with this host's secret.

    Raises :class:`hinode.core.cluster.types.SecretError`,
    :class:`hinode.kit.key_file.InvalidKeyFile` and ``OSError``.
    """
    return open_keyring(db, settings.secret.get_secret_value(), settings.secret_file, clock)


def open_rate_limiter(settings: Settings, clock: Clock) -> RateLimiter:
    """Open the rate limiter: in Redis, shared by all servers, or in memory without one.

    Raises :class:`hinode.core.errors.HinodeError` when the setting ``redis`` cannot be used.
    """
    here = InMemoryRateLimiter(clock)
    if not settings.redis:
        return here
    from hinode.core.auth.redis_rate_limiter import RedisRateLimiter

    try:
        return RedisRateLimiter(settings.redis, here)
    except ImportError:
        hint = f"Install it: pip install '{DISTRIBUTION}[redis]'."
        raise _invalid_redis("needs the package redis", hint) from None
    except ValueError as error:
        raise _invalid_redis(f"is no address of a Redis: {error}", "") from None


def open_auth_service(
    settings: Settings, db: Database, clock: Clock, limiter: RateLimiter, keyring: Keyring
) -> SessionService:
    """Build the service of sign-up, log-in and sessions, with the policy of the settings."""
    rules = AuthPolicy(
        signup=settings.signup,
        signup_credits=settings.signup_credits,
        access=timedelta(hours=settings.access_token_hours),
        session=timedelta(days=settings.session_days),
        plans=plan_limits(settings),
        password_login=settings.password_login,
    )
    keys = JwtKeys(ClusterKeySource(keyring, KeyPurpose.TOKENS))
    return SessionService(db, clock, keys, LoginThrottle(limiter), rules)


def open_sign_on(settings: Settings) -> OpenIdClient | None:
    """Return the client of the provider of single sign-on; None without one.

    The issuer's own host may have a private address, others only if `allow_hosts` names them.
    """
    given = settings.oidc
    if not given.enabled:
        return None
    # Imported here: commands that only need the database are not slowed down.
    from hinode.kit.openid_connect import OpenIdClient
    from hinode.kit.safe_fetch import FetchPolicy, parse_url

    url = parse_url(given.issuer)
    host = f"[{url.host}]" if ":" in url.host else url.host
    place = f"{host}:{url.port or {'http': 80, 'https': 443}[url.scheme]}"
    policy = FetchPolicy(
        SIGN_ON_BYTES,
        SIGN_ON_SECONDS,
        max_redirects=0,
        allow_hosts=(place, *settings.allow_hosts),
        proxy=parse_proxy(settings.proxy),
    )
    return OpenIdClient(given.issuer, given.client_id, given.secret, given.scopes, policy)


def sign_on_rules(settings: Settings) -> SignOnRules:
    """Return which accounts people get by single sign-on."""
    given = settings.oidc
    return SignOnRules(
        frozenset(given.allowed_groups),
        frozenset(given.operator_groups),
        Plan(given.plan),
        {group: Plan(plan) for group, plan in given.group_plans.items()},
        settings.signup_credits if given.credits is None else given.credits,
    )


def _invalid_redis(rule: str, hint: str) -> HinodeError:
    return HinodeError(
        ErrorCode.INVALID_VALUE, f"The setting redis {rule}.", param="redis", hint=hint
    )


def engines_with_accounts(settings: Settings) -> tuple[str, ...]:
    """Return the names of the engines whose servers have accounts."""
    kinds = {name: kind_of(given) for name, given in settings.engines.items()}
    return tuple(name for name, kind in kinds.items() if kind is not None and kind.has_accounts)


def models_without_engine(catalog: Catalog, installed: Collection[str]) -> dict[str, list[str]]:
    """Return the ids of models that no installed engine renders, by the engine they name first."""
    found: dict[str, list[str]] = {}
    for model in catalog.models():
        if not set(model.engine_names) & set(installed):
            found.setdefault(model.engine, []).append(model.id)
    return found


def build_catalog(settings: Settings) -> Catalog:
    """Build the catalog of the models that these settings serve.

    Raises :class:`hinode.core.errors.HinodeError` with the invalid setting as ``param``.
    """
    models = with_configured_models(builtin_models(settings.engine), settings)
    return Catalog(models, DEFAULT_MODELS, settings.aliases)


def open_moderation(settings: Settings) -> ModerationGate | None:
    """Return the gate of moderation; None where the settings name no moderator.

    Raises :class:`hinode.moderation.plugins.ModeratorMissing`.
    """
    given = settings.moderation
    if not given.enabled:
        return None
    from hinode.moderation.http import open_http_moderator
    from hinode.moderation.plugins import load_moderator

    seconds = given.timeout_seconds
    return ModerationGate(
        load_moderator(given.plugin)
        if given.plugin
        else open_http_moderator(given.url, given.token, seconds),
        frozenset(ReviewStage(one) for one in given.stages),
        seconds,
        fails_open=given.on_failure == "allow",
        frames=given.frames,
    )


def declared_capabilities(
    engines: Iterable[Engine], catalog: Catalog
) -> dict[str, EngineCapabilities]:
    """Return the capabilities of engines by name, with those of the models that they render."""
    ways = [way for model in catalog.models() for way in model.ways]
    return {
        engine.name: engine_capabilities(
            engine, {own.upstream for route, own in ways if route.engine == engine.name}
        )
        for engine in engines
    }


def engine_capabilities(engine: Engine, models: Iterable[str | None]) -> EngineCapabilities:
    """Return the capabilities of an engine as the core knows them.

    ``models`` are the names of its models in the catalog, which a model's own files may describe.
    """
    declared = engine.capabilities()
    if isinstance(engine, SupportsModels):
        found = {name: engine.capabilities_of(name) for name in models if name}
        described = {name: one for name, one in found.items() if one is not None}
        declared = replace(declared, models={**declared.models, **described})
    return _as_the_core_knows(declared)


def _as_the_core_knows(declared: Capabilities) -> EngineCapabilities:
    return EngineCapabilities(
        declared.description,
        declared.licence,
        declared.audio,
        declared.kinds,
        declared.actions,
        declared.first_frame,
        declared.max_outputs,
        declared.parameters,
        declared.extra_params,
        declared.max_loras,
        declared.hosted,
        declared.needs_picture,
        declared.needs_last_frame,
        declared.last_frame_needs_first,
        declared.max_pictures,
        {name: _as_the_core_knows(one) for name, one in declared.models.items()},
    )
