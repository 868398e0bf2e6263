"""Signed provenance in files (C2PA): their generator, model and origin."""

from __future__ import annotations

import shutil
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
_MANIFEST_BYTES = 64_000
"""More than a manifest takes."""
_PARENT = {"title": "upstream", "relationship": "parentOf", "label": "upstream"}


@dataclass(frozen=True, slots=True)
class ProvenanceClaim:
    """The claim of a signed file about itself.

    ``weights`` are those of the model and ``licence`` is theirs, where the engine knows them.
    """

    engine: str
    model: str
    origin: DigitalSourceType
    weights: str | None = None
    licence: str | None = None


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

    def sign(
        self,
        path: Path,
        content_type: str,
        statement: ProvenanceClaim,
        parent: Path | None = None,
    ) -> None:
        """Put a signed manifest into a file.

        ``parent`` is the file that it was made from, whose manifest becomes the parent of the new
        one. Raises :class:`NotSignable`, and ``OSError`` when the signed file could not be written
        either way; the file is then unchanged.
        """
        from c2pa import Builder, C2paError, C2paSignerInfo, Signer

        signed = path.with_name(f"{path.stem}.signed{path.suffix}")
        # Bytes, not text: c2pa-python 0.38 rejects text without a time stamp authority.
        info = C2paSignerInfo(b"es256", self._identity.chain, self._identity.key, None)
        try:
            with (
                Signer.from_info(info) as signer,
                Builder.from_json(
                    _manifest(content_type, statement, opened=parent is not None), _context()
                ) as builder,
            ):
                if parent is not None:
                    with parent.open("rb") as file:
                        builder.add_ingredient_from_stream(_PARENT, content_type, file)
                builder.sign_file(path, signed, signer)
            signed.replace(path)
        except C2paError as error:
            _check_room(path, signed)
            raise NotSignable(str(error)) from error
        finally:
            signed.unlink(missing_ok=True)


def _check_room(path: Path, signed: Path) -> None:
    """Write as much as a signed file needs, whatever the library made of such an error.

    Raises ``OSError``, as on a full disk.
    """
    shutil.copyfile(path, signed)
    with signed.open("ab") as file:
        file.write(bytes(_MANIFEST_BYTES))


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


def has_manifest(path: Path) -> bool:
    """Return whether a file carries a manifest that can be read, valid or not."""
    from c2pa import C2paError, Reader

    try:
        reader = Reader.try_create(path, context=_context())
    except C2paError:
        return False
    if reader is None:
        return False
    with reader:
        return reader.get_active_manifest() is not None


def _manifest(content_type: str, statement: ProvenanceClaim, *, opened: bool) -> dict[str, Any]:
    said = {
        "engine": statement.engine,
        "model": statement.model,
        "origin": statement.origin.value,
        "hinode": __version__,
    }
    known = {"weights": statement.weights, "licence": statement.licence}
    said |= {name: text for name, text in known.items() if text}
    actions = _opened_actions() if opened else [_created_action(statement)]
    return {
        "claim_generator_info": [{"name": "Hinode", "version": __version__}],
        "format": content_type,
        "assertions": [
            {"label": "c2pa.actions", "data": {"actions": actions}},
            {"label": _RENDER, "data": said},
        ],
    }


def _created_action(statement: ProvenanceClaim) -> dict[str, Any]:
    return {
        "action": "c2pa.created",
        "digitalSourceType": _SOURCES + statement.origin,
        "softwareAgent": {"name": f"Hinode {statement.engine} engine", "version": __version__},
    }


def _opened_actions() -> list[dict[str, Any]]:
    """Return the actions on a file of an upstream that signs: opened, and its metadata removed."""
    agent = {"name": "Hinode", "version": __version__}
    return [
        {"action": "c2pa.opened", "parameters": {"ingredientIds": [_PARENT["label"]]}},
        {"action": "c2pa.edited.metadata", "softwareAgent": agent},
    ]


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
    if not said:
        return None
    origin = next(
        (one for one in DigitalSourceType if one == said.get("origin")), DigitalSourceType.TRAINED
    )
    return ProvenanceClaim(
        said.get("engine", ""),
        said.get("model", ""),
        origin,
        said.get("weights"),
        said.get("licence"),
    )


def _problems(reader: Any) -> list[str]:
    results = reader.get_validation_results() or {}
    failures = (results.get("activeManifest") or {}).get("failure") or []
    return [str(one.get("code", "unknown")) for one in failures]
