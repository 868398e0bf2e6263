"""From the storage setting to a store: a folder, or a bucket's URL."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import MemoryStore, from_url

from hinode.storage.errors import StorageError, first_line
from hinode.storage.local import LocalObjectStore
from hinode.storage.store import ObjectStore

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

BUCKET_SCHEMES = frozenset(
    {"s3", "s3a", "gs", "az", "adl", "azure", "abfs", "abfss", "https", "memory"}
)
_ALLOW_HTTP = ("AWS_ALLOW_HTTP", "GOOGLE_ALLOW_HTTP", "AZURE_ALLOW_HTTP")
_TRUE = frozenset({"1", "true", "yes", "on"})
# Ten retries over minutes, the library's default, are left to the durable callers.
_RETRIES: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=60)}


def open_store(url_or_path: str | Path) -> ObjectStore:
    """Open a folder (a path or ``file://``) or a bucket (``s3://``, ``gs://``, ``az://``, …).

    Credentials come from the environment (``AWS_*``, ``GOOGLE_*``, ``AZURE_*``), never from the
    URL. ``memory://`` holds objects in this process, for tests. Nothing is contacted yet: call
    :meth:`ObjectStore.check`. Raises :class:`StorageError`.
    """
    place = str(url_or_path)
    scheme, separator, _ = place.partition("://")
    if not separator:
        return LocalObjectStore(Path(place))
    if scheme == "file":
        return LocalObjectStore(Path(unquote(urlsplit(place).path)))
    if scheme not in BUCKET_SCHEMES:
        raise StorageError(
            f"Hinode cannot store objects at a {scheme!r} address.",
            hint="Use a folder, or s3://bucket/prefix, gs://bucket/prefix, az://container/prefix.",
        )
    if scheme == "memory":
        return ObjectStore(MemoryStore())
    return _open_bucket(place)


def _open_bucket(url: str) -> ObjectStore:
    try:
        return ObjectStore(from_url(url, client_options=_client(), retry_config=_RETRIES))
    except (BaseError, ValueError) as error:
        raise StorageError(
            f"The storage address does not work: {first_line(error)}",
            hint="Write it as s3://bucket/prefix and set the provider's variables (AWS_*, …).",
        ) from None


def _client() -> ClientConfig:
    """Connection options; given any, the library no longer reads ``*_ALLOW_HTTP`` itself.

    Its limit of 30 s on a whole request would cut a download off when its reader is slow: the
    silence is bounded instead.
    """
    return {
        "allow_http": any(os.environ.get(name, "").lower() in _TRUE for name in _ALLOW_HTTP),
        "connect_timeout": timedelta(seconds=5),
        "read_timeout": timedelta(seconds=30),
        "timeout": timedelta(hours=6),
    }
