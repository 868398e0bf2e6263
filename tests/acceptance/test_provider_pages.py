"""What the page of hosted providers says to put into `hinode.toml` renders as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hinode.media.probe import probe
from tests.support.hinode_process import HinodeProcess, hinode
from tests.support.persistent import PersistentClient, wait_for_all
from tests.support.upstreams.hosted import hosted_server
from tests.support.upstreams.providers import CASES, Case
from tests.support.upstreams.videos import KEY

pytestmark = pytest.mark.full

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "hosted-providers.md"
PATIENCE_SECONDS = 120.0


def setup_of(kind: str) -> tuple[str, str]:
    """Return the settings that the page gives for a kind, and the variable with its key."""
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    block = next(one for one in blocks if f'kind = "{kind}"' in one)
    variable = re.search(r"# export (\w+)=", block)
    assert variable is not None
    return block, variable[1]


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.kind)
def test_the_lines_of_a_provider_are_enough(case: Case, tmp_path: Path) -> None:
    block, variable = setup_of(case.kind)
    model = re.findall(r'^\[models\."?([^"\]]+)', block, re.MULTILINE)[0]
    server = case.server()
    process = HinodeProcess(tmp_path / "data", {variable: KEY})
    process.data.mkdir()
    with hosted_server(server) as wire:
        # Only the address is another one, and the pace of looks.
        more = f'\\g<0>\nurl = "{wire.url}"\npoll_interval_seconds = 0.1'
        settings = re.sub(rf'^kind = "{case.kind}".*$', more, block, flags=re.MULTILINE)
        if case.kind == "fal":  # where a model is a path: the stand-in has one of its own
            own = f'upstream = "{case.model}"'
            settings = re.sub(r"^upstream = \S+", own, settings, flags=re.MULTILINE)
        (process.data / "hinode.toml").write_text(settings, encoding="utf-8")
        process.start()
        try:
            client = PersistentClient(process.address, process.key, PATIENCE_SECONDS)
            made = client.ask("POST", "/videos", json={"model": model, "prompt": "a fox"}).json()
            (video,) = wait_for_all(client)
            assert (video["id"], video["status"]) == (made["id"], "completed"), video
            film = tmp_path / "film.mp4"
            film.write_bytes(client.ask("GET", f"/videos/{video['id']}/content").content)
            listed = hinode("engine", "list", "--data", str(process.data))
            client.close()
        finally:
            process.stop()
    assert probe(film).frames > 0
    assert "never run against the real service" in listed.stdout
    assert server.strange == []
    assert KEY not in process.log.read_text(encoding="utf-8")
