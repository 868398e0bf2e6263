"""Every command that prints a list or an object also prints it as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import typer

from hinode.api.admin import jobs
from hinode.cli import job
from hinode.cli.main import app
from hinode.core.jobs.types import JobState

WITHOUT_OBJECT = {
    "serve",
    "worker",
    "account logout",
    "account password",
    "engine account export",
    "move database",
    "move files",
}
"""They run until they are stopped, write files, print nothing but JSON, or print nothing."""


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield the commands of a group by their words; typer has a click of its own."""
    below = getattr(command, "commands", {})
    for name, one in below.items():
        yield from commands(one, (*path, name))
    if not below:
        yield " ".join(path), command


def test_every_command_has_json() -> None:
    without = {
        name
        for name, command in commands(typer.main.get_command(app))
        if not any("--json" in option.opts for option in command.params)
    }

    assert without == WITHOUT_OBJECT


def test_the_statuses_are_those_of_jobs() -> None:
    assert get_args(job.StatusName) == get_args(jobs.StatusName) == tuple(JobState)
