"""Taking signed URLs apart."""

from __future__ import annotations

import re

_PROOF = re.compile(r"(?<=/)[0-9a-f]{32}\.[0-9a-f]{8}(?=/)")


def proof_of(url: str) -> str:
    """Return the signature and the expiry of a URL."""
    (proof,) = _PROOF.findall(url)
    return str(proof)


def with_proof(url: str, proof: str) -> str:
    """Return a URL with another signature and expiry."""
    return _PROOF.sub(proof, url)
