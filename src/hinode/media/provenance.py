"""Signed provenance in files (C2PA): their generator, model and origin."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hinode._version import __version__
from hinode.media.signing_identity import SigningIdentity
from hinode.media.types import DigitalSourceType

if TYPE_CHECKING:
    from c2pa import Context

_SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_RENDER = "org.hinode.render"


@dataclass(frozen=True, slots=True)
class ProvenanceClaim:
    """The claim of a signed file about itself."""

    engine: str
    model: str
    origin: DigitalSourceType


@dataclass(frozen=True, slots=True)
class Provenance:
    """The provenance read from a file. ``state`` is Trusted, Valid or Invalid, in C2PA's sense."""

    generator: str
    statement: ProvenanceClaim | None
    signer: str
    state: str
    problems: tuple[str, ...]


class NotSignable(Exception):
    """The file's format cannot carry a manifest, or the file is broken."""


class ContentSigner:
    """Signs files in place with the identity of one Hinode."""

    def __init__(self, identity: SigningIdentity) -> None:
        self._identity = identity

    def sign(self, path: Path, content_type: str, statement: ProvenanceClaim) -> None:
        """Put a signed manifest into a file.

        Raises :class:`NotSignable`; the file is then unchanged.
        """
        from c2pa import Builder, C2paError, C2paSignerInfo, Signer

        signed = path.with_name(f"{path.stem}.signed{path.suffix}")
        # Bytes, not text: c2pa-python 0.38 rejects text without a time stamp authority.
        info = C2paSignerInfo(b"es256", self._identity.chain, self._identity.key, None)
        try:
            with (
                Signer.from_info(info) as signer,
                Builder.from_json(_manifest(content_type, statement), _context()) as builder,
            ):
                builder.sign_file(path, signed, signer)
            signed.replace(path)
        except (C2paError, OSError) as error:
            signed.unlink(missing_ok=True)
            raise NotSignable(str(error)) from error


def read_provenance(path: Path, authority: bytes | None = None) -> Provenance | None:
    """Return the provenance of a file; None when it has none.

    ``authority`` is a PEM certificate to trust, as a Hinode trusts its own.
    """
    from c2pa import C2paError, Reader

    try:
        reader = Reader.try_create(path, context=_context(authority))
    except C2paError:
        return None
    if reader is None:
        return None
    with reader:
        manifest = reader.get_active_manifest()
        return _provenance(manifest, reader) if manifest else None


def _context(authority: bytes | None = None) -> Context:
    from c2pa import Context

    settings: dict[str, Any] = {
        "builder": {"thumbnail": {"enabled": False}},
        "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    }
    if authority:
        settings["trust"] = {"user_anchors": authority.decode()}
    return Context.from_dict(settings)


def _manifest(content_type: str, statement: ProvenanceClaim) -> dict[str, Any]:
    created = {
        "action": "c2pa.created",
        "digitalSourceType": _SOURCES + statement.origin,
        "softwareAgent": {"name": f"Hinode {statement.engine} engine", "version": __version__},
    }
    said = {"engine": statement.engine, "model": statement.model, "hinode": __version__}
    return {
        "claim_generator_info": [{"name": "Hinode", "version": __version__}],
        "format": content_type,
        "assertions": [
            {"label": "c2pa.actions", "data": {"actions": [created]}},
            {"label": _RENDER, "data": said},
        ],
    }


def _provenance(manifest: dict[str, Any], reader: Any) -> Provenance:
    info = (manifest.get("claim_generator_info") or [{}])[0]
    signature = manifest.get("signature_info") or {}
    return Provenance(
        generator=f"{info.get('name', 'unknown')} {info.get('version', '')}".strip(),
        statement=_statement(manifest),
        signer=str(signature.get("common_name") or signature.get("issuer") or "unknown"),
        state=reader.get_validation_state() or "Unknown",
        problems=tuple(_problems(reader)),
    )


def _statement(manifest: dict[str, Any]) -> ProvenanceClaim | None:
    found = {one.get("label", ""): one.get("data", {}) for one in manifest.get("assertions", [])}
    said = found.get(_RENDER)
    actions: dict[str, Any] = next(
        (data for label, data in found.items() if label.startswith("c2pa.actions")), {}
    )
    if not said:
        return None
    text = json.dumps(actions)
    origin = next(
        (one for one in DigitalSourceType if f"/{one}" in text), DigitalSourceType.TRAINED
    )
    return ProvenanceClaim(said.get("engine", ""), said.get("model", ""), origin)


def _problems(reader: Any) -> list[str]:
    results = reader.get_validation_results() or {}
    failures = (results.get("activeManifest") or {}).get("failure") or []
    return [str(one.get("code", "unknown")) for one in failures]
