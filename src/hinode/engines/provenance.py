"""Signed provenance for whatever an engine rendered, before anybody sees it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import structlog

from hinode.engines.base import Artifact, Engine
from hinode.media.provenance import ContentSigner, NotSignable, ProvenanceClaim
from hinode.media.signing_identity import ensure_signing_identity

log = structlog.get_logger("hinode.provenance")


class ArtifactSigner:
    """Signs artifacts with the identity in a folder, which the first signature makes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sign(self, artifacts: Sequence[Artifact], engine: Engine, model: str) -> None:
        """Sign each file in place; log one that cannot carry a manifest and leave it unsigned."""
        statement = ProvenanceClaim(engine.name, model, engine.capabilities().origin)
        for artifact in artifacts:
            try:
                self._signer.sign(artifact.path, artifact.content_type, statement)
            except NotSignable as error:
                log.warning("artifact not signed", file=artifact.path.name, reason=str(error))

    @cached_property
    def _signer(self) -> ContentSigner:
        return ContentSigner(ensure_signing_identity(self._folder))
