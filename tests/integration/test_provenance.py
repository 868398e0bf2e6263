"""Provenance: signed into real files of every format, read back, and not to be altered unseen."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from hinode.media.probe import probe
from hinode.media.provenance import ContentSigner, NotSignable, ProvenanceClaim, read_provenance
from hinode.media.signing_identity import SigningIdentity, new_signing_identity
from hinode.media.types import DigitalSourceType
from tests.support.films import write_film
from tests.support.full_disk import full_disk

SAID = ProvenanceClaim("preview", "sora-2", DigitalSourceType.ALGORITHM)
FORMATS = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "mp4": "video/mp4",
}


@pytest.fixture(scope="module")
def identity() -> SigningIdentity:
    return SigningIdentity.from_json(new_signing_identity().to_json())


def make(folder: Path, suffix: str) -> Path:
    path = folder / f"file.{suffix}"
    if suffix == "mp4":
        return write_film(path)
    Image.linear_gradient("L").convert("RGB").save(path)
    return path


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_says_where_it_comes_from(
    tmp_path: Path, identity: SigningIdentity, suffix: str
) -> None:
    path = make(tmp_path, suffix)
    assert read_provenance(path) is None

    ContentSigner(identity).sign(path, FORMATS[suffix], SAID)

    found = read_provenance(path, identity.authority)
    assert found is not None
    assert (found.state, found.statement, found.problems) == ("Trusted", SAID, ())
    assert found.generator.startswith("Hinode ")
    stranger = read_provenance(path)
    assert stranger is not None
    assert stranger.state == "Valid"
    assert list(tmp_path.iterdir()) == [path]


def test_a_signed_film_still_plays_and_a_changed_one_is_found_out(
    tmp_path: Path, identity: SigningIdentity
) -> None:
    path = make(tmp_path, "mp4")
    before = probe(path).frames
    ContentSigner(identity).sign(path, "video/mp4", SAID)
    assert probe(path).frames == before

    altered = bytearray(path.read_bytes())
    altered[altered.index(b"mdat") + 20] ^= 1
    path.write_bytes(altered)

    found = read_provenance(path, identity.authority)
    assert found is not None
    assert found.state == "Invalid"


def test_what_cannot_be_signed_stays_as_it_was(tmp_path: Path, identity: SigningIdentity) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"no film")

    with pytest.raises(NotSignable):
        ContentSigner(identity).sign(path, "video/mp4", SAID)

    assert path.read_bytes() == b"no film"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_full_disk_leaves_no_file_unsigned(
    tmp_path: Path, identity: SigningIdentity, suffix: str
) -> None:
    path = make(tmp_path, suffix)
    before = path.read_bytes()

    with full_disk(most=len(before)), pytest.raises(OSError, match="File too large"):
        ContentSigner(identity).sign(path, FORMATS[suffix], SAID)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
