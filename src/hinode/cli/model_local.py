"""`hinode model pull`, `remove` and `check`: open-weight models on this machine."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hinode.cli import options
from hinode.cli.output import print_json, print_list

if TYPE_CHECKING:
    from hinode.config.settings import Settings
    from hinode.engines.diffusers.weights.library import LocalModel
    from hinode.engines.diffusers.weights.pull import Report

_GB = 1_000_000_000
_MB = 1_000_000

Name = Annotated[str, typer.Argument(help="owner/name or owner/name@revision.")]
Wait = Annotated[
    bool, typer.Option("--wait", help="Wait while another pull of the same model runs.")
]
NameOrFolder = Annotated[
    str, typer.Argument(help="owner/name, owner/name@revision, or the path of a folder.")
]


def pull(
    name: Name, wait: Wait = False, as_json: options.Json = False, data: options.Data = None
) -> None:
    """Get an open-weight model from a hub, or what is missing of it; only safetensors, no code.

    HF_ENDPOINT names a mirror, HF_TOKEN is for gated and private models, HTTPS_PROXY a proxy;
    MODELSCOPE_ENDPOINT=https://www.modelscope.cn gets public models from ModelScope instead.
    """
    from hinode.engines.diffusers.weights.inspection import inspect
    from hinode.engines.diffusers.weights.library import list_models
    from hinode.engines.diffusers.weights.licences import licence_limits
    from hinode.engines.diffusers.weights.modelscope import hub_from_environment
    from hinode.engines.diffusers.weights.names import parse_hub_name
    from hinode.engines.diffusers.weights.pull import pull as pull_model

    settings = options.read_settings(data, None)
    wanted = parse_hub_name(name)
    limits = licence_limits(wanted.repository)
    if limits:
        typer.echo(f"Licence: {limits}. Read it before you serve this model.", err=True)
    hub, reserve = hub_from_environment(), settings.min_free_disk_mb * _MB
    try:
        with _host_failures_told(), _bytes_bar(name) as report:
            pulled = pull_model(wanted, settings.models_path, hub, report, reserve, waits=wait)
    finally:
        hub.close()
    if pulled.moved_to:
        typer.echo(f"{wanted.repository} is now {pulled.moved_to} at the hub.", err=True)
    inspect(pulled.folder, wanted.repository)
    told = licence_limits(wanted.repository, pulled.manifest.licence)
    if told and not limits:
        typer.echo(f"Licence: {told}. Read it before you serve this model.", err=True)
    models = list_models(settings.models_path)
    _print([one for one in models if one.folder == pulled.folder], as_json=as_json)


@contextmanager
def _host_failures_told() -> Iterator[None]:
    """End with a status of its own, and the system's error as output, where the host failed."""
    try:
        yield
    except Exception as error:
        from hinode.cli.error_messages import error_message
        from hinode.core.host_failures import host_failure, system_error
        from hinode.engines.diffusers.downloads import HOST_FAILED

        if host_failure(error) is None or (number := system_error(error)) is None:
            raise
        typer.echo(f"Error: {error_message(error)}", err=True)
        typer.echo(errno.errorcode.get(number, "EIO"))
        raise typer.Exit(HOST_FAILED) from error


def remove(name: Name, as_json: options.Json = False, data: options.Data = None) -> None:
    """Remove a model that was pulled, or what there is of it."""
    from hinode.engines.diffusers.weights.library import remove_model

    removed = remove_model(name, options.read_settings(data, None).models_path)
    if as_json:
        print_json({"removed": str(removed.name), "bytes": removed.size})
    else:
        typer.echo(f"Removed {removed.name}: {removed.size / _GB:.1f} GB.")


def check(name: NameOrFolder, as_json: options.Json = False, data: options.Data = None) -> None:
    """Check a model: what it renders, its weights, and how they fit this machine's memory.

    The settings of the engine that renders it count: offload, quantization, dtype. The exit status
    is 1 where it cannot be loaded or does not fit.
    """
    from hinode.cli.model_check import check_model, print_check

    found = check_model(name, options.read_settings(data, None))
    if as_json:
        print_json(found.to_object())
    else:
        print_check(found)
    if not found.usable:
        raise typer.Exit(1)


def list_local(settings: Settings, *, as_json: bool) -> None:
    """Print the models on this machine."""
    from hinode.engines.diffusers.weights.library import list_models

    _print(list_models(settings.models_path), as_json=as_json)


def _print(models: list[LocalModel], *, as_json: bool) -> None:
    head = ("model", "state", "size", "commit", "licence", "folder")
    print_list(models, head, _row, _object, as_json=as_json)


def _row(one: LocalModel) -> tuple[str, ...]:
    return (
        str(one.name),
        "complete" if one.manifest.complete else "unfinished",
        f"{one.size / _GB:.1f} GB",
        one.manifest.commit[:12],
        one.limits or one.licence or "unknown",
        str(one.folder),
    )


def _object(one: LocalModel) -> dict[str, Any]:
    return {
        "model": str(one.name),
        "complete": one.manifest.complete,
        "bytes": one.size,
        "commit": one.manifest.commit,
        "licence": one.licence,
        "licence_limits": one.limits,
        "folder": str(one.folder),
    }


@contextmanager
def _bytes_bar(name: str) -> Iterator[Report]:
    """Show the bytes that are there, those of all, the rate and the time that is left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(name, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
