"""Listening sockets, opened before anything else: a port that is taken is reported at once."""

from __future__ import annotations

import socket

import typer

BACKLOG = 2048


def listen(host: str, port: int, remedy: str) -> socket.socket:
    """Return a listening socket; end the command with the remedy if that is not possible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        reason = f"cannot listen on {host}:{port}: {error.strerror}"
        typer.echo(f"Error: {reason}. {remedy}", err=True)
        raise typer.Exit(1) from error
    return listener
