"""`hinode generate`: from a prompt to a file, here or on a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hinode.cli import options


def generate(
    prompt: Annotated[str, typer.Argument(help="What the video shows.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File to write; with --n also -2, -3, …")
    ] = Path("video.mp4"),
    model: Annotated[
        str | None, typer.Option(help="Model, as in `hinode model list`. [default: sora-2]")
    ] = None,
    size: Annotated[str | None, typer.Option(help="WIDTHxHEIGHT. [default: the model's]")] = None,
    seconds: Annotated[
        str | None, typer.Option(help="Length in seconds. [default: the model's]")
    ] = None,
    image: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Image file that the video starts from."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed; the same seed gives the same video. [default: random]")
    ] = None,
    n: Annotated[int, typer.Option(min=1, max=4, help="Number of variants.")] = 1,
    watermark: Annotated[bool, typer.Option("--watermark", help="Draw a visible mark.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    server: Annotated[
        str | None, typer.Option(help="Render on this server, such as http://127.0.0.1:8000.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(envvar="HINODE_KEY", help="API key for --server.")
    ] = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Render a video to a file, here or on a running server with --server and --key."""
    from hinode.cli.generate_options import GenerateOptions

    settings = options.read_settings(data, database)
    opts = GenerateOptions(prompt, output, model, size, seconds, image, seed, n, watermark, force)
    if server is None:
        from hinode.cli.generate_local import render_local

        files = render_local(settings, opts)
    else:
        from hinode.cli.generate_remote import render_remote
        from hinode.kit.proxy import parse_proxy

        files = render_remote(server, key, opts, parse_proxy(settings.proxy))
    for file in files:
        typer.echo(file)
