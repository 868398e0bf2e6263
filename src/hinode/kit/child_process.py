"""Child processes of our own: their environment, and an output that only messages use."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO


def environment_without_settings() -> dict[str, str]:
    """Return the environment less this server's settings: children need none of the secrets."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HINODE_")}


def reserve_stdout() -> BinaryIO:
    """Return the output of this process, for messages only: prints of libraries go to stderr."""
    channel = open(os.dup(sys.stdout.fileno()), "wb")  # noqa: SIM115 - open until the end
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return channel
