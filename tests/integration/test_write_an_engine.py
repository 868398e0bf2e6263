"""The page on engines of one's own: its kind is installed as it stands there, and renders."""

from __future__ import annotations

import asyncio
import functools
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from hinode.engines.base import (
    Engine,
    SupportsAccounts,
    SupportsCallbacks,
    SupportsMaintenance,
)
from hinode.testing.engine_suite import EngineFactory, EngineSuite
from hinode.upstream_accounts import AccountInfo, AccountPool, TokenSet
from tests.integration.test_sora_engine_suite import ANN, OneAccount
from tests.support.films import write_film
from tests.support.hinode_process import HinodeProcess
from tests.support.upstreams.wire import Reply, WireRequest, WireServer, wire_server

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "write-an-engine.md"
TOKEN = "at-ann-0"
FILES = re.compile(r"```(?:python|toml)\n# (\S+)\n(.*?)```", re.DOTALL)


def install(folder: Path, url: str) -> None:
    """Write the page's files, and what an installer makes of its pyproject.toml."""
    files = dict(FILES.findall(PAGE.read_text(encoding="utf-8")))
    project = tomllib.loads(files["pyproject.toml"])["project"]
    ((kind, entry),) = project["entry-points"]["hinode.engine_kinds"].items()
    made = folder / f"film_engine-{project['version']}.dist-info"
    made.mkdir()
    (made / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 1\n")
    (made / "entry_points.txt").write_text(f"[hinode.engine_kinds]\n{kind} = {entry}\n")
    (folder / "film_engine.py").write_text(files["film_engine.py"])
    (folder / "hinode.toml").write_text(files["hinode.toml"].replace("http://127.0.0.1:9000", url))


class Films:
    """The server that the page's engine is for: a film is done at its third poll."""

    def __init__(self, folder: Path) -> None:
        self.video = write_film(folder / "film.mp4").read_bytes()
        self.films: dict[str, dict[str, Any]] = {}

    def __call__(self, request: WireRequest) -> Reply:
        place = request.path.strip("/").split("/")
        if place[-1] == "video":
            return Reply(body=self.video, headers={"content-type": "video/mp4"})
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(401, {"error": "no such token"})
        match request.method, place:
            case "GET", ["me"]:
                return Reply(body={"films_left": 7})
            case "POST", ["films"]:
                film = f"f{len(self.films)}"
                self.films[film] = {"body": request.json(), "polls": 0}
                return Reply(body={"id": film})
            case "GET", ["films", film]:
                return Reply(body=self._poll(self.films[film]))
        return Reply(body={})

    def _poll(self, film: dict[str, Any]) -> dict[str, Any]:
        film["polls"] += 1
        if "[fail]" in film["body"]["prompt"]:
            return {"status": "failed", "progress": 0.1}
        done = film["polls"] > 2 and "[stall]" not in film["body"]["prompt"]
        return {"status": "completed" if done else "running", "progress": 1.0 if done else 0.5}


@pytest.fixture
def there(tmp_path: Path) -> Iterator[tuple[Films, WireServer]]:
    films = Films(tmp_path)
    with wire_server(films) as wire:
        install(tmp_path, wire.url)
        yield films, wire


def engine_in(folder: Path, url: str, accounts: AccountPool) -> Engine:
    sys.path.insert(0, str(folder))
    try:
        module = __import__("film_engine")
    finally:
        sys.path.remove(str(folder))
    settings = {
        "kind": "film",
        "url": url,
        "origin": "trained",
        "public_url": "https://hinode.example.com",
        "callback_key": "a long secret of your own",
        "poll_interval_seconds": 0.05,
    }
    engine: Engine = module.KIND.create(
        "studio", module.KIND.settings.model_validate(settings), accounts
    )
    return engine


class TestFilms(EngineSuite):
    failing_prompt, stalling_prompt = "[fail]", "[stall]"

    @pytest.fixture(autouse=True)
    def upstream(self, there: tuple[Films, WireServer], tmp_path: Path) -> None:
        self.folder, self.url = tmp_path, there[1].url

    def factory(self) -> EngineFactory:
        return functools.partial(engine_in, self.folder, self.url, OneAccount())


@dataclass(frozen=True)
class DueAccount(OneAccount):
    """Ann, whom maintenance checks; ``told`` is what the engine stores of her."""

    token: str = TOKEN
    told: list[AccountInfo | str] = field(default_factory=list)

    async def tokens(self, account_id: UUID) -> TokenSet | None:
        return TokenSet(self.token)

    async def list_due(self) -> list[UUID]:
        return [ANN]

    async def update_info(self, account_id: UUID, info: AccountInfo) -> None:
        self.told.append(info)

    async def quarantine(self, account_id: UUID, reason: str) -> None:
        self.told.append(reason)


@pytest.mark.parametrize(
    ("token", "told"),
    [(TOKEN, AccountInfo(videos_left=7)), ("of-nobody", "Its token is not accepted.")],
)
def test_maintenance_checks_the_accounts_that_are_due(
    token: str, told: AccountInfo | str, there: tuple[Films, WireServer], tmp_path: Path
) -> None:
    accounts = DueAccount(token)
    engine = engine_in(tmp_path, there[1].url, accounts)

    assert isinstance(engine, SupportsAccounts)
    assert isinstance(engine, SupportsMaintenance)
    assert asyncio.run(engine.maintenance()) == 1
    assert accounts.told == [told]


def test_the_callback_url_that_it_sends_is_one_that_it_takes(
    there: tuple[Films, WireServer], tmp_path: Path
) -> None:
    films, wire = there
    engine = engine_in(tmp_path, wire.url, OneAccount())
    asyncio.run(engine.submit(TestFilms().spec()))
    address = urlsplit(films.films["f0"]["body"]["callback_url"]).path

    assert isinstance(engine, SupportsCallbacks)
    begins, _, token = address.rpartition("/")
    assert begins == "/callbacks/studio"
    assert engine.notify(token)
    assert not engine.notify(f"{token[:-1]}x")


def run(folder: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hinode.cli.main", *words, "--data", str(folder)],
        env={**os.environ, "PYTHONPATH": str(folder)},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.full
def test_the_page_can_be_followed(there: tuple[Films, WireServer], tmp_path: Path) -> None:
    films, _ = there
    added = run(tmp_path, "engine", "account", "add", "studio", "--access-token-stdin", stdin=TOKEN)
    assert "works: plan no known, 7 videos left" in added.stderr
    prompt = ("generate", "A boat", "--model", "film", "-o", str(tmp_path / "boat.mp4"))
    told = run(tmp_path, *prompt).stderr
    assert "'studio' renders with accounts" in told
    assert "--server" in told

    server = HinodeProcess(tmp_path, {"PYTHONPATH": str(tmp_path)}, fresh=True)
    server.start()
    try:
        made = run(tmp_path, *prompt, "--server", server.address, "--key", server.key)
    finally:
        server.stop()

    assert made.returncode == 0, made.stderr
    assert (tmp_path / "boat.mp4").stat().st_size > 1000
    assert films.films["f0"]["body"]["prompt"] == "A boat"
