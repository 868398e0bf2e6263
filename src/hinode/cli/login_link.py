"""`hinode login-link`: a link that logs in to the web app on this machine, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hinode.cli import options
from hinode.cli.output import print_json
from hinode.cli.server_port import running_port
from hinode.cli.welcome import login_url

if TYPE_CHECKING:
    from hinode.config.settings import Settings

_BEHIND_PROXY = (
    "log-in links work on the server's own machine only, and this server has a public_url or "
    "trusted_proxies. Set a password with `hinode account password NAME` and log in with it."
)


def login_link(
    operator: Annotated[
        bool, typer.Option("--operator", help="Log in with the rights of an operator.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, help="Its port. [default: the running server's, else the setting]"
        ),
    ] = None,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Print a link to the web app that logs in as the first account: once, within ten minutes."""
    from hinode.core.auth.login_links import LoginLinkService

    settings = options.read_settings(data, database, port=port)
    if not links_work(settings):
        typer.echo(f"Error: {_BEHIND_PROXY}", err=True)
        raise typer.Exit(1)
    with options.session_service(data, database) as sessions:
        secret = LoginLinkService(sessions).create(operator=operator)
    found = port or running_port(settings.data) or settings.port
    url = login_url(f"http://127.0.0.1:{found}", secret)
    if as_json:
        print_json({"url": url, "operator": operator})
    else:
        typer.echo(url)


def links_work(settings: Settings) -> bool:
    """Return whether log-in links work: no proxy stands before the server."""
    return not (settings.public_url or settings.trusted_proxies)
