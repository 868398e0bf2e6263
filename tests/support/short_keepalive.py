"""The command `hinode`, whose chat streams break their silence every second, not every twelve."""

from __future__ import annotations

from hinode.api.openai.chat import stream
from hinode.cli.main import main

QUIET_SECONDS = 1.0

if __name__ == "__main__":
    vars(stream).update(QUIET_SECONDS=QUIET_SECONDS)
    main()
