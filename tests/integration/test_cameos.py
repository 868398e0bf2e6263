"""Cameos and the worker: taken up after a crash, ended once, swept when old; on both databases."""

from __future__ import annotations

import struct
import time
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from hinode import EngineRegistry, ErrorCode, HinodeError, Services, load_settings, open_services
from hinode.core.accounts import usernames
from hinode.core.accounts.types import UsernameKind
from hinode.core.assets.orphans import MIN_ORPHAN_AGE
from hinode.core.auth.bootstrap import ensure_admin, first_key
from hinode.core.auth.types import Caller, Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.characters import cameo_repository
from hinode.core.characters.cameo_lifecycle import MAX_PROCESSING
from hinode.core.characters.cleanup import RETENTION
from hinode.core.characters.hints import hints_for
from hinode.core.characters.processing import MAX_ATTEMPTS
from hinode.core.characters.types import CameoState, CharacterChanges, CharacterCreate, Range
from hinode.core.jobs.requests import VideoRequest
from hinode.kit.ids import new_id
from hinode.media.clip_check import ClipLimits, Sampling, check_clip
from hinode.testing.clock import FakeClock
from hinode.worker import build_worker
from hinode.workflows.queues import create_tables
from tests.support.characters import film_with_a_sharp_moment
from tests.support.clock import date_files
from tests.support.pictures import png_bytes

FIRST_SECONDS = Range(0.0, 3.0)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    (tmp_path / "uploaded").write_bytes(film_with_a_sharp_moment(tmp_path))
    return tmp_path / "uploaded"


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    (tmp_path / "portrait.webp").write_bytes(png_bytes(512, 512))
    return tmp_path / "portrait.webp"


def objects(services: Services) -> set[str]:
    store = services.store
    return {one.key for folder in ("characters", "cameos") for one in store.list(folder)}


def test_a_cameo_outlives_the_process_that_took_it_in(
    database_url: str, tmp_path: Path, film: Path
) -> None:
    """Nothing but the database and the store survives between the upload and the picture."""
    settings = load_settings(data=tmp_path, database=database_url)
    gone = open_services(settings, engines=EngineRegistry([]))
    create_tables(gone.db)
    ensure_admin(gone.db, gone.clock)
    key = first_key(gone.db, gone.clock)
    assert key is not None
    caller = gone.core.auth.authenticate(key.secret, Scope.SORA)
    cameo = gone.core.cameos.upload(caller, film, FIRST_SECONDS)
    gone.close()

    services = open_services(settings, engines=EngineRegistry([]))
    worker = build_worker(services)
    worker.start()
    try:
        deadline = time.monotonic() + 40
        while services.core.cameos.get(caller, cameo.id).state is CameoState.PROCESSING:
            assert time.monotonic() < deadline, "nobody took it up"
            time.sleep(0.02)
        ready = services.core.cameos.get(caller, cameo.id)
    finally:
        worker.stop(timedelta(0))
        services.close()

    assert (ready.state, ready.attempts) == (CameoState.READY, 1)
    assert ready.image_key is not None
    assert services.store.head(ready.image_key).size > 100


def test_a_second_try_after_a_crash_ends_it_once(
    services: Services, caller: Caller, film: Path
) -> None:
    cameo = services.core.cameos.upload(caller, film, FIRST_SECONDS)
    with services.db.write() as conn:  # a worker began, and died
        cameo_repository.begin_attempt(conn, cameo.id)

    assert services.core.character_processor.process(cameo.id) is CameoState.READY
    assert services.core.character_processor.process(cameo.id) is None

    ready = services.core.cameos.get(caller, cameo.id)
    assert (ready.state, ready.attempts, ready.clip_key) == (CameoState.READY, 2, None)
    # The clip is gone, the picture there.
    assert objects(services) == {ready.image_key}


def test_a_clip_that_kills_its_workers_is_given_up(
    services: Services, caller: Caller, film: Path
) -> None:
    cameo = services.core.cameos.upload(caller, film, FIRST_SECONDS)
    for _ in range(MAX_ATTEMPTS):
        with services.db.write() as conn:
            assert cameo_repository.begin_attempt(conn, cameo.id)

    assert services.core.character_processor.process(cameo.id) is None

    given_up = services.core.cameos.get(caller, cameo.id)
    assert given_up.state is CameoState.FAILED
    assert "another" in (given_up.reason or "")


def test_a_clip_that_has_gone_fails_with_a_reason(
    services: Services, caller: Caller, film: Path
) -> None:
    cameo = services.core.cameos.upload(caller, film, FIRST_SECONDS)
    assert cameo.clip_key is not None
    services.store.delete([cameo.clip_key])

    assert services.core.character_processor.process(cameo.id) is CameoState.FAILED

    assert "again" in (services.core.cameos.get(caller, cameo.id).reason or "")


def test_a_refused_upload_leaves_nothing(services: Services, caller: Caller, film: Path) -> None:
    with pytest.raises(HinodeError):
        services.core.cameos.upload(caller, film, Range(2.0, 1.0))
    for _ in range(MAX_PROCESSING):
        services.core.cameos.upload(caller, film, FIRST_SECONDS)
    with pytest.raises(HinodeError) as refused:
        services.core.cameos.upload(caller, film, FIRST_SECONDS)
    assert refused.value.code is ErrorCode.TOO_MANY_JOBS
    with services.db.read() as conn:
        waiting = cameo_repository.count_processing(conn, caller.account_id)
    assert len(objects(services)) == waiting == MAX_PROCESSING


def test_old_cameos_go_and_the_pictures_of_characters_stay(
    services: Services, caller: Caller, film: Path, clock: FakeClock
) -> None:
    kept, left = (services.core.cameos.upload(caller, film, FIRST_SECONDS) for _ in range(2))
    for cameo in (kept, left):
        services.core.character_processor.process(cameo.id)
    (robin,) = services.core.cameos.finalize(
        caller, CharacterCreate(kept.id, "robin", "Robin")
    ).characters
    assert services.core.character_cleanup.run() == 0

    clock.advance(RETENTION + timedelta(seconds=1))
    assert services.core.character_cleanup.run() == 1

    assert objects(services) == {robin.key}
    with pytest.raises(HinodeError):
        services.core.cameos.get(caller, left.id)
    # By the id of its cameo it is found all the same, and does not come again.
    assert services.core.characters.get_visible(caller, kept.id).characters == [robin]
    with pytest.raises(HinodeError):
        services.core.cameos.finalize(caller, CharacterCreate(kept.id, "robin2", "Robin"))


def test_a_deleted_character_stays_in_the_videos_being_made_for_a_while(
    services: Services, caller: Caller, film: Path, clock: FakeClock
) -> None:
    cameo = services.core.cameos.upload(caller, film, FIRST_SECONDS)
    services.core.character_processor.process(cameo.id)
    (robin,) = services.core.cameos.finalize(
        caller, CharacterCreate(cameo.id, "robin", "Robin")
    ).characters
    job = services.core.jobs.create_video(caller, VideoRequest("@robin runs", GenerationParams()))
    services.core.characters.delete(caller, robin.id)

    order = services.core.execution.begin(job.id)
    assert order is not None
    assert [(one.name, one.key) for one in order.characters] == [("Robin", robin.key)]
    assert services.store.head(robin.key).size > 100

    clock.advance(RETENTION + timedelta(seconds=1))
    assert services.core.character_cleanup.run() == 1
    assert objects(services) == set()


def test_pictures_that_no_row_knows_are_swept(
    services: Services, caller: Caller, film: Path, clock: FakeClock, portrait: Path
) -> None:
    cameo = services.core.cameos.upload(caller, film, FIRST_SECONDS)
    mia = services.core.characters.create(caller, "Mia", portrait)
    forgotten = ("characters/00/portrait.webp", "cameos/00/clip")
    for key in forgotten:
        services.store.put_bytes(key, b"x", "image/webp")

    date_files(services.settings.data / "objects", clock)
    clock.advance(MIN_ORPHAN_AGE + timedelta(seconds=1))
    assert services.core.orphan_cleanup.run() == 2

    assert objects(services) == {mia.key, cameo.clip_key}


def test_a_changed_picture_has_another_key(
    services: Services, caller: Caller, portrait: Path
) -> None:
    """So that jobs which are being made, and links, keep the one they began with."""
    mia = services.core.characters.create(caller, "Mia", portrait)
    services.core.characters.update(caller, mia.id, CharacterChanges(image=portrait))

    changed = services.core.characters.get(caller, mia.id)
    assert changed.key != mia.key
    assert objects(services) == {mia.key, changed.key}
    with pytest.raises(HinodeError):
        services.core.characters.update(caller, new_id(), CharacterChanges(image=portrait))
    assert objects(services) == {mia.key, changed.key}


@pytest.mark.parametrize("owner", ["sunny", "a" * 30, "a.b.c.d.e.f.g.h.i.j.k.l.m.n.oo"])
def test_hints_are_usernames_that_nobody_has(
    services: Services, caller: Caller, owner: str
) -> None:
    account, hinted = caller.account_id, set[str]()
    with services.db.write() as conn:
        usernames.claim(conn, owner, UsernameKind.ACCOUNT, account)
        for _ in range(30):
            found = hints_for(conn, account, new_id())
            # As clients do: the part behind the last dot, with digits of their own.
            assert usernames.check_username(found.username.rpartition(".")[2] + "123")
            assert found.username.startswith(owner[:10])
            usernames.claim(conn, found.username, UsernameKind.CHARACTER, new_id())
            hinted.add(found.username)
    assert len(hinted) == 30


def test_a_phones_sideways_clip_gives_an_upright_portrait(tmp_path: Path) -> None:
    film = bytearray(film_with_a_sharp_moment(tmp_path))
    # The matrix of the track header (ISO/IEC 14496-12, 8.3.2): a quarter turn clockwise.
    upright = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
    place = film.index(upright, film.index(b"tkhd"))
    film[place : place + 36] = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
    (tmp_path / "turned.mp4").write_bytes(film)
    portraits = []
    for name, data in (("plain.mp4", bytes(film).replace(
        bytes(film[place : place + 36]), upright)), ("turned.mp4", bytes(film))):  # fmt: skip
        (tmp_path / name).write_bytes(data)
        out = tmp_path / f"{name}.png"
        check_clip(tmp_path / name, ClipLimits(), Sampling(out, (0.0, 1.0)))
        with Image.open(out) as picture:
            portraits.append(picture.convert("L"))

    # The grey gets brighter to the right; turned clockwise, it does so downwards.
    plain, turned = portraits
    assert _at(plain, 500, 256) > _at(plain, 10, 256) + 5
    assert _at(turned, 256, 500) > _at(turned, 256, 10) + 5
    assert abs(_at(turned, 500, 256) - _at(turned, 10, 256)) < 4


def _at(picture: Image.Image, x: int, y: int) -> int:
    value = picture.getpixel((x, y))
    assert isinstance(value, int)
    return value
