"""Hubs and folders of models that are not as they should be: a pull is right or says why not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hinode.engines.base import EngineError
from hinode.engines.diffusers.weights.download import PARTS
from hinode.engines.diffusers.weights.hub import Hub, HubError
from hinode.engines.diffusers.weights.inspection import inspect
from hinode.engines.diffusers.weights.library import list_models, local_model, remove_model
from hinode.engines.diffusers.weights.manifest import MANIFEST
from hinode.engines.diffusers.weights.modelscope import hub_from_environment
from hinode.engines.diffusers.weights.names import parse_hub_name
from hinode.engines.diffusers.weights.pull import pull
from tests.support.fake_hub import FakeHub, Repository, fake_hub
from tests.support.open_models import WAN, model_files

NAME, OTHER = "Wan-AI/Wan2.1-T2V-1.3B-Diffusers", "some/fine-tune"
BIG = "transformer/diffusion_pytorch_model.safetensors"
WHOLE = model_files(weights={"transformer": ("BF16", 1_500_000)})


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with fake_hub() as served:
        for name in (NAME, OTHER):
            served.repositories[name] = Repository(dict(WHOLE))
        yield served


def got(hub: FakeHub, models: Path, name: str = NAME) -> Path:
    client = Hub(hub.url, None)
    try:
        return pull(parse_hub_name(name), models, client).folder
    finally:
        client.close()


def files_in(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_what_a_hub_sends_beyond_a_files_size_is_not_taken(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories[NAME].more[BIG] = 8_000_000

    found = files_in(got(hub, tmp_path))

    assert {path: found[path] for path in WHOLE} == WHOLE


def test_little_that_came_before_a_cut_is_kept(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories[NAME].cuts[BIG] = [70_000, 70_001, 200_000]

    got(hub, tmp_path)

    starts = ("bytes=70000-", "bytes=70001-", "bytes=200000-")
    assert [one.range for one in hub.sent(BIG)] == [None, *starts]


def test_an_interrupt_waits_for_no_hub(hub: FakeHub, tmp_path: Path) -> None:
    hub.holds.add(BIG)
    command = [sys.executable, "-m", "hinode.cli.main", "model", "pull", NAME]
    process = subprocess.Popen(
        [*command, "--data", str(tmp_path)],
        env=os.environ | {"HF_ENDPOINT": hub.url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    half = len(WHOLE[BIG]) // 2
    while not any(one.stat().st_size == half for one in tmp_path.rglob(f"{PARTS}/transformer*s.*")):
        assert process.poll() is None
        time.sleep(0.02)

    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    assert time.monotonic() - began < 20  # the hub would be waited for for 30 s

    hub.holds.clear()
    got(hub, tmp_path / "models")
    assert hub.sent(BIG)[-1].range == f"bytes={half}-"


def test_no_file_leaves_the_folder_of_its_model(hub: FakeHub, tmp_path: Path) -> None:
    names = ("..", "../..", "/etc", "", "a\0b")
    index = WAN | {name: ["diffusers", "AutoencoderKLWan"] for name in names}
    stray = {f"{name}/config.json": b"{}" for name in names}
    whole = WHOLE | {"model_index.json": json.dumps(index).encode()}
    hub.repositories[NAME].files = whole | stray

    folder = got(hub, tmp_path)

    assert set(files_in(tmp_path)) == {
        f"{folder.name}/{path}" for path in (*whole, MANIFEST, ".lock")
    }
    assert inspect(folder).missing == ()


@pytest.mark.parametrize("path", [BIG, "vae/config.json", "tokenizer/spiece.model"])
def test_a_file_that_was_changed_is_got_again(hub: FakeHub, tmp_path: Path, path: str) -> None:
    folder = got(hub, tmp_path)
    (folder / path).write_bytes(b"\1" * len(WHOLE[path]))

    got(hub, tmp_path)

    assert (folder / path).read_bytes() == WHOLE[path]
    assert len(hub.sent(path)) == 2
    assert len(hub.sent("text_encoder/model.safetensors")) == 1


def test_a_model_that_cannot_be_read_is_proved_whole(hub: FakeHub, tmp_path: Path) -> None:
    folder = got(hub, tmp_path)
    before = (folder / BIG).stat()
    (folder / BIG).write_bytes(bytes(len(WHOLE[BIG])))
    os.utime(folder / BIG, ns=(before.st_atime_ns, before.st_mtime_ns))  # as a bad disk does it

    got(hub, tmp_path)

    assert (folder / BIG).read_bytes() == WHOLE[BIG]


def test_files_without_a_record_are_proved_and_kept(hub: FakeHub, tmp_path: Path) -> None:
    folder = got(hub, tmp_path)
    (folder / MANIFEST).unlink()

    assert got(hub, tmp_path) == folder == local_model(NAME, tmp_path)
    assert len(hub.sent(BIG)) == 1


def test_a_damaged_record_is_of_its_own_model_only(hub: FakeHub, tmp_path: Path) -> None:
    folder, other = got(hub, tmp_path), got(hub, tmp_path, OTHER)
    (other / MANIFEST).write_text("")

    states = [(str(one.name), one.manifest.complete) for one in list_models(tmp_path)]
    assert states == [(NAME, True), (OTHER, False)]
    assert local_model(NAME, tmp_path) == folder
    with pytest.raises(EngineError, match=f"hinode model pull {OTHER}"):
        local_model(OTHER, tmp_path)

    assert got(hub, tmp_path, OTHER) == local_model(OTHER, tmp_path)
    (other / MANIFEST).write_text("{")
    remove_model(OTHER, tmp_path)
    assert not other.exists()


def test_a_model_is_not_removed_while_it_is_pulled(hub: FakeHub, tmp_path: Path) -> None:
    def remove(_done: int, _total: int) -> None:
        with pytest.raises(HubError, match="being pulled"):
            remove_model(NAME, tmp_path)
        tried.append(True)

    tried: list[bool] = []
    client = Hub(hub.url, None)
    pull(parse_hub_name(NAME), tmp_path, client, remove)
    client.close()

    assert tried
    assert local_model(NAME, tmp_path).is_dir()


def test_a_file_that_the_hub_lists_only(hub: FakeHub, tmp_path: Path) -> None:
    repository = hub.repositories[NAME]
    repository.unavailable.add(BIG)

    with pytest.raises(HubError, match="lists a file that it does not give"):
        got(hub, tmp_path)


@pytest.mark.parametrize(
    "text", ["hub.example", "ftp://hub.example", "https://", "http://[a", "::"]
)
@pytest.mark.parametrize("variable", ["HF_ENDPOINT", "MODELSCOPE_ENDPOINT"])
def test_an_address_that_is_none(variable: str, text: str) -> None:
    with pytest.raises(HubError, match=f"{variable} is no address of a hub"):
        hub_from_environment({variable: text, "HF_HOME": "/nowhere"})


@pytest.mark.parametrize("token", ["hf_tökén", "hf_a\nb", "hf_a b\x7f"])
def test_a_token_that_is_none_is_told_and_not_shown(token: str) -> None:
    with pytest.raises(HubError, match="Copy it again") as caught:
        Hub.from_environment({"HF_TOKEN": token})
    assert "hf_" not in str(caught.value)
