"""The identity that signs rendered files: a certificate of an authority of our own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SigningIdentity:
    """A certificate chain (leaf first), its private key, and its authority, all PEM."""

    chain: bytes
    key: bytes = field(repr=False)
    authority: bytes

    def to_json(self) -> bytes:
        """Return the identity as JSON of its three texts."""
        parts = {"chain": self.chain, "key": self.key, "authority": self.authority}
        return json.dumps({name: pem.decode() for name, pem in parts.items()}).encode()

    @classmethod
    def from_json(cls, text: bytes) -> SigningIdentity:
        """Return the identity that :meth:`to_json` wrote."""
        return cls(**{name: pem.encode() for name, pem in json.loads(text).items()})


def new_signing_identity() -> SigningIdentity:
    """Return a new identity with an authority of its own."""
    # Needed once per database, and large.
    from hinode.media.certificates import make_chain

    return SigningIdentity(*make_chain())
