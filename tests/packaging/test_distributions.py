"""What is handed on: the wheel and the sdist, with licences and all that runs, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from hinode import __version__
from hinode._version import DISTRIBUTION

pytestmark = pytest.mark.full

ROOT = Path(__file__).parents[2]
NAME = f"{DISTRIBUTION.replace('-', '_')}-{__version__}"
INFO = f"{NAME}.dist-info"
LEGAL = ("LICENSE", "NOTICE", "SECURITY.md")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with both."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", folder], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(built / f"{NAME}-py3-none-any.whl")


def sources() -> set[str]:
    found = (ROOT / "src").rglob("*")
    return {
        path.relative_to(ROOT / "src").as_posix()
        for path in found
        if path.is_file() and "__pycache__" not in path.parts and ".egg-info" not in str(path)
    }


def test_the_wheel_has_every_source_and_its_legal_texts_and_nothing_else(
    wheel: zipfile.ZipFile,
) -> None:
    names = set(wheel.namelist())

    assert {name for name in names if not name.startswith(INFO)} == sources()
    for name in LEGAL:
        (place,) = (one for one in names if one.startswith(INFO) and one.endswith(f"/{name}"))
        assert wheel.read(place) == (ROOT / name).read_bytes()


def test_the_sdist_has_the_sources_the_tests_and_the_legal_texts(built: Path) -> None:
    with tarfile.open(built / f"{NAME}.tar.gz") as archive:
        names = {name.removeprefix(f"{NAME}/") for name in archive.getnames()}

    assert {*LEGAL, "README.md", "CHANGELOG.md", "pyproject.toml", "tests/conftest.py"} <= names
    assert {f"src/{name}" for name in sources()} <= names
    assert not [name for name in names if name.startswith((".venv", ".git/", "data/"))]


def test_the_metadata_say_what_it_is(wheel: zipfile.ZipFile) -> None:
    found = message_from_bytes(wheel.read(f"{INFO}/METADATA"))

    assert (found["Name"], found["Version"]) == (DISTRIBUTION, __version__)
    assert found["License-Expression"] == "Apache-2.0"
    assert found.get_all("License-File") == ["LICENSE", "NOTICE"]
    assert "Typing :: Typed" in found.get_all("Classifier", [])
    assert "sora" in found["Keywords"]
    assert found.get_all("Provides-Extra") == ["diffusers", "redis"]


def test_the_wheel_runs_where_it_is_unpacked(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    def said(*words: str) -> str:
        command = [sys.executable, "-P", *words]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
        ).stdout

    assert said("-c", "import hinode; print(hinode.__file__)").startswith(str(tmp_path))
    assert said("-m", "hinode.cli.main", "--version").strip() == f"hinode {__version__}"
