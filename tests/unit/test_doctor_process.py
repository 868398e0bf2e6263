"""The process that runs `hinode doctor` for the server: its results, its end, and who shares it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from hinode import load_settings
from hinode.doctor_process import DoctorProcess

CHECK = '{"name": "x", "status": "ok", "detail": "%s", "remedy": ""}'
TELLS = f"import os; print('[{CHECK}]' % os.environ['HINODE_DATABASE'])"
COUNTS = f"import uuid; print('[{CHECK}]' % uuid.uuid4())"


def process(tmp_path: Path, code: str, seconds: float = 60.0) -> DoctorProcess:
    settings = load_settings(data=tmp_path, database="sqlite:///x.db")
    return DoctorProcess(settings, seconds, (sys.executable, "-c", code))


def test_the_checks_run_with_the_settings_of_this_process(tmp_path: Path) -> None:
    (found,) = asyncio.run(process(tmp_path, TELLS).results())
    assert (found["status"], found["detail"]) == ("ok", "sqlite:///x.db")


def test_who_asks_meanwhile_gets_the_same_results(tmp_path: Path) -> None:
    async def thrice() -> None:
        one = process(tmp_path, COUNTS)
        first, second = await asyncio.gather(one.results(), one.results())
        assert first == second
        assert await one.results() != first

    asyncio.run(thrice())


@pytest.mark.parametrize(
    ("code", "seconds", "word"),
    [
        ("import time; time.sleep(600)", 0.2, "did not end"),
        ("print('no json')", 60.0, "without a result"),
        ("raise SystemExit(3)", 60.0, "without a result"),
    ],
)
def test_a_run_that_hangs_or_breaks_is_a_failed_check(
    tmp_path: Path, code: str, seconds: float, word: str
) -> None:
    (found,) = asyncio.run(process(tmp_path, code, seconds).results())
    assert found["status"] == "error"
    assert word in found["detail"]
