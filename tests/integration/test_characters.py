"""Characters: made from a stranger's clip, found by id and by name, given to the render."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from hinode import ErrorCode, HinodeError, Services
from hinode.core.auth.types import Caller
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.requests import VideoRequest
from hinode.media.clip_check import BadClip, ClipLimits, Sampling, check_clip
from tests.integration.test_jobs import limited_caller
from tests.support.films import write_film
from tests.support.pictures import png_bytes


@pytest.fixture
def film(tmp_path: Path) -> bytes:
    return write_film(tmp_path / "film.mp4").read_bytes()


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    (tmp_path / "portrait.png").write_bytes(png_bytes(512, 512))
    return tmp_path / "portrait.png"


def test_a_clip_is_examined_and_gives_a_square_portrait(tmp_path: Path) -> None:
    path = write_film(tmp_path / "wide.mp4", 128, 64, seconds=3.0)
    portrait = tmp_path / "portrait.png"

    facts = check_clip(path, ClipLimits(), Sampling(portrait, (2.0, 3.0)))

    assert (facts.width, facts.height, facts.has_audio) == (128, 64, False)
    assert facts.seconds == pytest.approx(3.0, abs=0.11)
    with Image.open(portrait) as picture:
        assert picture.size == (512, 512)
        brightness = picture.convert("L").getpixel((256, 256))
    assert isinstance(brightness, int)
    assert brightness == pytest.approx(255 * 2.5 / 3.0, abs=12)


@pytest.mark.parametrize(
    ("content", "limits", "between"),
    [
        (b"just some text", ClipLimits(), None),
        (b"", ClipLimits(), None),
        (png_bytes(8, 8), ClipLimits(), None),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", ClipLimits(), None),
        (b"\0\0\0\x20ftypisom" + b"\xff" * 400, ClipLimits(), None),
        (None, ClipLimits(max_bytes=100), None),
        (None, ClipLimits(max_side=32), None),
        (None, ClipLimits(max_seconds=1.0), None),
        (None, ClipLimits(), (1.5, 1.0)),
        (None, ClipLimits(), (5.0, 9.0)),
    ],
)
def test_what_is_no_usable_clip_is_refused(
    tmp_path: Path,
    film: bytes,
    content: bytes | None,
    limits: ClipLimits,
    between: tuple[float, float] | None,
) -> None:
    path = tmp_path / "clip"
    path.write_bytes(film if content is None else content)

    with pytest.raises(BadClip):
        check_clip(path, limits, Sampling(None, between))


def test_characters_appear_by_id_and_by_name(
    services: Services, caller: Caller, portrait: Path
) -> None:
    mia = services.core.characters.create(caller, " Mia ", portrait)
    ming = services.core.characters.create(caller, "小明", portrait)

    called = services.core.jobs.create_video(
        caller, VideoRequest("mia meets @小明", GenerationParams())
    )
    by_id = services.core.jobs.create_video(
        caller, VideoRequest("a walk", GenerationParams(), characters=(ming.id,))
    )
    nobody = services.core.jobs.create_video(caller, VideoRequest("a miasma", GenerationParams()))

    assert (mia.name, services.core.characters.get(caller, mia.id)) == ("Mia", mia)
    assert set(called.options.characters) == {mia.id, ming.id}
    assert by_id.options.characters == (ming.id,)
    assert nobody.options.characters == ()
    order = services.core.execution.begin(by_id.id)
    assert order is not None
    assert [(one.name, one.key) for one in order.characters] == [("小明", ming.key)]
    assert services.store.head(ming.key).size > 100


def test_characters_of_others_and_bad_ones_are_refused(
    services: Services, caller: Caller, portrait: Path
) -> None:
    mia = services.core.characters.create(caller, "Mia", portrait)
    stranger = limited_caller(services, 1000)

    with pytest.raises(HinodeError) as refused:
        services.core.characters.get(stranger, mia.id)
    assert refused.value.code is ErrorCode.CHARACTER_NOT_FOUND
    with pytest.raises(HinodeError) as refused:
        services.core.jobs.create_video(
            stranger, VideoRequest("a", GenerationParams(), characters=(mia.id,))
        )
    assert refused.value.code is ErrorCode.CHARACTER_NOT_FOUND
    with pytest.raises(HinodeError) as refused:
        services.core.jobs.create_video(
            caller, VideoRequest("a", GenerationParams(), characters=(mia.id,) * 3)
        )
    assert refused.value.param == "characters"
    for name in ("", "x" * 81):
        with pytest.raises(HinodeError):
            services.core.characters.create(caller, name, portrait)
    stranger_job = services.core.jobs.create_video(
        stranger, VideoRequest("mia walks", GenerationParams())
    )
    assert stranger_job.options.characters == ()
    assert [one.key for one in services.store.list("characters")] == [mia.key]
