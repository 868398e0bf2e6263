"""Stripped metadata and signed provenance of what an engine rendered, before anybody sees it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import structlog

from hinode.engines.base import Artifact, Engine, EngineError, SupportsModels
from hinode.kit.named_keys import KeySource
from hinode.media.metadata.strip import strip_metadata
from hinode.media.metadata.unreadable import UnreadableFile
from hinode.media.provenance import ContentSigner, NotSignable, ProvenanceClaim, has_manifest
from hinode.media.signing_identity import SigningIdentity

log = structlog.get_logger("hinode.provenance")


class ArtifactSigner:
    """Signs artifacts; its keys are signing identities in JSON."""

    def __init__(self, keys: KeySource) -> None:
        self._keys = keys

    def sign(
        self, artifacts: Sequence[Artifact], engine: Engine, model: str, upstream: str | None = None
    ) -> None:
        """Strip and sign each file in place; one that cannot carry a manifest stays unsigned.

        ``upstream`` is the engine's name of the model, whose weights and licence are signed too.
        A manifest that a file came with becomes the parent of the new one. Raises
        :class:`EngineError` for a file whose metadata cannot be removed.
        """
        declared = engine.capabilities()
        statement = ProvenanceClaim(engine.name, model, declared.origin)
        own = None
        if upstream and isinstance(engine, SupportsModels):
            own = engine.capabilities_of(upstream)
        if own is not None and own.weights:
            statement = replace(statement, weights=own.weights, licence=own.licence)
        for artifact in artifacts:
            if declared.own_metadata:
                self._sign(artifact, statement)
            else:
                with _stripped(artifact) as parent:
                    self._sign(artifact, statement, parent)

    def _sign(
        self, artifact: Artifact, statement: ProvenanceClaim, parent: Path | None = None
    ) -> None:
        try:
            self._signer().sign(artifact.path, artifact.content_type, statement, parent)
        except NotSignable as error:
            log.warning("artifact not signed", file=artifact.path.name, reason=str(error))

    def _signer(self) -> ContentSigner:
        return ContentSigner(SigningIdentity.from_json(self._keys.current().secret))


@contextmanager
def _stripped(artifact: Artifact) -> Iterator[Path | None]:
    """Strip the file, and keep it as it came for the length of the block if it was signed."""
    path = artifact.path
    original = path.with_name(f"{path.stem}.original{path.suffix}")
    signed = has_manifest(path)
    if signed:
        # Stripping makes a new file of that name, so a second name keeps the old one.
        os.link(path, original)
    try:
        strip_metadata(path)
        yield original if signed else None
    except UnreadableFile as error:
        log.warning("artifact rejected", file=path.name, reason=str(error))
        raise EngineError("bad_result", f"What was rendered cannot be used. {error}") from error
    finally:
        original.unlink(missing_ok=True)
