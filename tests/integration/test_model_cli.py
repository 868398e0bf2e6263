"""`hinode model pull`, `list --local`, `check` and `remove`, by the real command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.fake_hub import COMMIT, FakeHub, Repository, fake_hub
from tests.support.hinode_process import hinode
from tests.support.open_models import WAN, model_files, write_model

NAME = "Lightricks/LTX-2-Diffusers"
LTX2 = WAN | {"_class_name": "LTX2Pipeline"}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with fake_hub() as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        served.repositories[NAME] = Repository(model_files(LTX2, {}), licence="ltx-2-community")
        yield served


def model(data: Path, *words: str, code: int = 0) -> tuple[Any, str]:
    """Run a command of `hinode model`; return its JSON and what it tells."""
    done = hinode("model", *words, "--json", "--data", str(data))
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout) if done.stdout else None, done.stderr


def test_a_model_is_pulled_listed_checked_and_removed(hub: FakeHub, tmp_path: Path) -> None:
    (pulled,), told = model(tmp_path, "pull", NAME)
    assert "Licence: LTX-2 community licence (commercial limits)" in told
    (listed,), _ = model(tmp_path, "list", "--local")
    checked, _ = model(tmp_path, "check", NAME)
    removed, _ = model(tmp_path, "remove", NAME)
    none, _ = model(tmp_path, "list", "--local")

    assert listed == pulled
    folder = tmp_path / "models" / "Lightricks--LTX-2-Diffusers"
    assert listed | {"bytes": 0} == {
        "model": NAME,
        "complete": True,
        "bytes": 0,
        "commit": COMMIT,
        "licence": "ltx-2-community",
        "licence_limits": "LTX-2 community licence (commercial limits)",
        "folder": str(folder),
    }
    assert (checked["class"], checked["sound"], checked["missing"]) == ("LTX2Pipeline", True, [])
    assert checked["fits"][0]["host_peak_bytes"] > 0
    assert removed["bytes"] == listed["bytes"]
    assert none == []
    assert not folder.exists()


def test_a_folder_is_checked_and_what_it_lacks_fails(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "mine")
    (folder / "vae/config.json").unlink()

    found, _ = model(tmp_path, "check", str(folder), code=1)
    done = hinode("model", "check", str(folder), "--data", str(tmp_path))

    assert (found["usable"], found["missing"]) == (False, ["vae/config.json"])
    assert done.returncode == 1
    assert "missing:  vae/config.json" in done.stdout
    assert "WanPipeline: video of a prompt, without sound" in done.stdout


def test_what_is_not_here_or_not_a_model_is_one_line(hub: FakeHub, tmp_path: Path) -> None:
    _, missing = model(tmp_path, "check", NAME, code=1)
    _, empty = model(tmp_path, "check", str(tmp_path), code=1)
    _, refused = model(tmp_path, "pull", "no/thing", code=1)

    assert missing == (
        f"Error: The model {NAME} is not on this machine. Run: hinode model pull {NAME}\n"
    )
    (tmp_path / "hinode.toml").touch()
    _, missing = model(tmp_path, "check", NAME, code=1)
    assert missing.endswith(f"Run: hinode model pull {NAME} --data {tmp_path}\n")
    assert "no model_index.json" in empty
    assert "check the name" in refused
    assert "Traceback" not in refused
