"""The signing identity of this server: an authority and a certificate, kept in a folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SigningIdentity:
    """A certificate chain (leaf first), its private key, and its authority, all PEM."""

    chain: bytes
    key: bytes
    authority: bytes


def load_signing_identity(folder: Path) -> SigningIdentity | None:
    """Return the identity kept in a folder, or None."""
    if not folder.is_dir():
        return None
    return SigningIdentity(
        chain=(folder / "chain.pem").read_bytes(),
        key=(folder / "key.pem").read_bytes(),
        authority=(folder / "authority.pem").read_bytes(),
    )


def ensure_signing_identity(folder: Path) -> SigningIdentity:
    """Return the identity kept in a folder, made if there is none.

    The folder appears whole: processes that start at once end up with the same identity.
    """
    found = load_signing_identity(folder)
    if found is not None:
        return found
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Needed once per data folder, and large.
    from hinode.media.certificates import make_chain

    made = SigningIdentity(*make_chain())
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, data in (
            ("chain.pem", made.chain),
            ("key.pem", made.key),
            ("authority.pem", made.authority),
        ):
            (staging / name).touch(mode=0o600)
            (staging / name).write_bytes(data)
        os.rename(staging, folder)
    except OSError:
        shutil.rmtree(staging, ignore_errors=True)
        found = load_signing_identity(folder)
        if found is None:
            raise
        return found
    return made
