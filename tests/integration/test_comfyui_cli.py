"""`hinode comfyui` and its line of `hinode doctor`, by the real command, before the stand-in."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.comfyui import WAN
from tests.support.hinode_process import hinode
from tests.support.upstreams.comfyui import ComfyUI, Served, served


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Served]:
    with served(ComfyUI(tmp_path / "comfyui")) as running:
        yield running


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    path = tmp_path / "wan22 5b.json"
    path.write_text(json.dumps(WAN))
    return path


def checked(data: Path) -> tuple[int, list[dict[str, Any]]]:
    done = hinode("comfyui", "check", "--json", "--data", str(data))
    return done.returncode, json.loads(done.stdout)


def test_what_bind_writes_is_checked_and_told_by_doctor(
    there: Served, workflow: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    written = data / "hinode.toml"
    done = hinode("comfyui", "bind", str(workflow), "--url", there.url, "--write", str(written))
    assert done.returncode == 0, done.stderr
    assert "first_frame          56.image             sure" in done.stderr
    assert "Wan2.2-TI2V-5B: 4n+1 frames at 24 fps" in done.stderr

    again = hinode("comfyui", "bind", str(workflow), "--write", str(written))
    assert (again.returncode, "file exists. Name a new file" in again.stderr) == (1, True)

    status, (report,) = checked(data)
    assert (status, report["usable"], report["version"]) == (0, True, "0.27.0")
    assert report["findings"] == []
    assert there.comfyui.posted == []

    broken = written.read_text().replace('prompt = "6.text"', 'prompt = "60.images"')
    written.write_text(broken)
    status, (report,) = checked(data)
    assert status == 1
    assert "does not reach node 58" in report["findings"][0]["message"]
    doctor = hinode("doctor", "--data", str(data))
    assert doctor.returncode == 1
    assert "does not reach node 58" in doctor.stdout


def test_bind_prints_toml_alone_or_json(workflow: Path) -> None:
    done = hinode("comfyui", "bind", str(workflow))
    tables = tomllib.loads(done.stdout)
    assert tables["engines"]["studio"]["workflows"]["wan22-5b"]["bind"]["frames"] == "55.length"
    found = json.loads(hinode("comfyui", "bind", str(workflow), "--json").stdout)
    assert found["toml"] == done.stdout
    assert found["bindings"][0] == {
        "name": "prompt",
        "targets": ["6.text"],
        "confidence": "sure",
        "reason": "feeds what a sampler takes as positive",
    }


def test_bind_tells_what_the_server_lacks(there: Served, workflow: Path) -> None:
    graph = json.loads(workflow.read_text())
    graph["37"]["inputs"]["unet_name"] = "another.safetensors"
    workflow.write_text(json.dumps(graph))
    done = hinode("comfyui", "bind", str(workflow), "--url", there.url)
    assert done.returncode == 1
    assert "Error: Node 37 (UNETLoader): the server has no unet_name" in done.stderr


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ('{"nodes": [], "links": []}', 'UI format, which its server does not run; save it with "'),
        ("{", "It is no JSON"),
    ],
)
def test_a_file_of_another_format_is_one_line(workflow: Path, content: str, rule: str) -> None:
    workflow.write_text(content)
    done = hinode("comfyui", "bind", str(workflow))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Error: {workflow}: ")
    assert rule in line


def test_check_tells_of_a_server_that_is_away_or_too_old(
    there: Served, workflow: Path, tmp_path: Path
) -> None:
    written = tmp_path / "hinode.toml"
    hinode("comfyui", "bind", str(workflow), "--url", there.url, "--write", str(written))
    there.comfyui.version = "0.9.2"
    status, (report,) = checked(tmp_path)
    assert status == 1
    assert report["findings"][0]["message"] == "It is ComfyUI 0.9.2; 0.26 is needed."
    written.write_text(written.read_text().replace(there.url, "http://127.0.0.1:9"))
    done = hinode("comfyui", "check", "--data", str(tmp_path))
    assert done.returncode == 1
    assert "cannot be reached" in done.stdout


def test_check_without_an_engine_says_so(tmp_path: Path) -> None:
    done = hinode("comfyui", "check", "--data", str(tmp_path))
    assert done.returncode == 0
    assert 'No engine of kind "comfyui"' in done.stderr
