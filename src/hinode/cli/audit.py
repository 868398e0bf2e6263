"""The audit log tells of commands that change something, as of calls of the admin API."""

from __future__ import annotations

import getpass
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, get_type_hints

import typer
from typer.models import ArgumentInfo

if TYPE_CHECKING:
    from hinode.db.database import Database

# What says where and how, not what; and a database's URL may have a password.
_NOT_TOLD = frozenset({"data", "database", "as_json"})


@dataclass(frozen=True, slots=True)
class _Command:
    """A command that runs: its name, its function and what this was called with."""

    name: str
    function: Callable[..., Any]
    given: Mapping[str, Any]


_running: ContextVar[_Command | None] = ContextVar("running_command", default=None)


def note_commands(app: typer.Typer, name: str) -> None:
    """Have each command of an app note that it runs, under the name that people type."""
    for one in app.registered_commands:
        if one.callback is not None:
            typed = one.name or one.callback.__name__.replace("_", "-")
            one.callback = _noting(one.callback, f"{name} {typed}")
    for group in app.registered_groups:
        if group.typer_instance is not None:
            note_commands(group.typer_instance, f"{name} {group.name}")


def record_command(db: Database) -> None:
    """Have the first transaction from now on write the command that runs into the audit log."""
    from hinode.core.audit.service import Act, AuditLog, announce
    from hinode.kit.clock import SystemClock

    command = _running.get()
    if command is None:
        return
    db.before_commit = AuditLog(db, SystemClock()).write_announced
    told = dict(_told(command))
    subject = [str(told.pop(name)) for name in _arguments(command.function) if name in told]
    announce(Act(None, command.name, ", ".join(subject), {**told, "user": _user()}))


def _noting(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    @wraps(function)
    def noted(*args: Any, **given: Any) -> Any:
        _running.set(_Command(name, function, given))
        return function(*args, **given)

    return noted


def _told(command: _Command) -> Iterator[tuple[str, Any]]:
    """Yield the arguments and those options that have another value than usual."""
    usual = inspect.signature(command.function).parameters
    for name, value in command.given.items():
        if name not in _NOT_TOLD and value != usual[name].default:
            yield name, value


def _arguments(function: Callable[..., Any]) -> list[str]:
    """Return the names of what a command takes without an option."""
    hints = get_type_hints(function, include_extras=True)
    return [
        name
        for name, hint in hints.items()
        if any(isinstance(one, ArgumentInfo) for one in getattr(hint, "__metadata__", ()))
    ]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may have no name for its user
        return "?"
