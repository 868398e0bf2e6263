"""The render process: ``python -m hinode.engines.preview.process.child``.

It reads one request from its input, writes messages to its output, and ends at once when its
input is closed, which is how it notices that its parent died.
(``PR_SET_PDEATHSIG`` is not used: it fires when the *thread* that started the process ends.)
"""

from __future__ import annotations

import errno
import os
import sys
import threading
import traceback
from typing import BinaryIO

from hinode.engines.preview.process.protocol import (
    RenderFailure,
    RenderFinished,
    RenderMessage,
    RenderProgress,
    RenderRequest,
    decode_request,
    encode_message,
)

NICENESS = 5
EXIT_ORPHANED = 3
# Progress smaller than this is not worth a line.
MIN_PROGRESS_STEP = 0.005


def main() -> None:
    """Render the request and report the result."""
    channel = _redirect_stdout()
    os.nice(NICENESS)
    line = sys.stdin.buffer.readline()
    if not line:
        os._exit(EXIT_ORPHANED)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    writer = _MessageWriter(channel)
    writer.send(_render(decode_request(line), writer))


class _MessageWriter:
    """Writes messages; progress only when it has changed enough."""

    def __init__(self, channel: BinaryIO) -> None:
        self._channel = channel
        self._last_progress = 0.0

    def send(self, message: RenderMessage) -> None:
        self._channel.write(encode_message(message))
        self._channel.flush()

    def progress(self, done: float) -> None:
        if done - self._last_progress >= MIN_PROGRESS_STEP or done >= 1.0 > self._last_progress:
            self._last_progress = done
            self.send(RenderProgress(done))


def _render(request: RenderRequest, writer: _MessageWriter) -> RenderMessage:
    from hinode.engines.preview.inputs import BadFirstFrame, BadSource
    from hinode.engines.preview.render import render

    try:
        return RenderFinished(render(request.spec, request.folder, writer.progress))
    except BadFirstFrame as error:
        return RenderFailure("first_frame_unreadable", str(error))
    except BadSource as error:
        return RenderFailure("source_unreadable", str(error))
    except MemoryError:
        return RenderFailure("out_of_memory", "there was not enough memory to render this")
    except BrokenPipeError:
        os._exit(EXIT_ORPHANED)
    except Exception as error:
        traceback.print_exc()
        full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
        if full:
            return RenderFailure(
                "disk_full", "there was no room on the disk for the rendered files"
            )
        return RenderFailure(
            "render_failed", f"the scene could not be rendered: {type(error).__name__}"
        )


def _redirect_stdout() -> BinaryIO:
    """Reserve stdout for messages: prints of libraries go to stderr."""
    channel = open(os.dup(sys.stdout.fileno()), "wb")  # noqa: SIM115 - open until the end
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return channel


def _exit_with_parent() -> None:
    # os.read holds no lock of Python, so it never delays an exit in another thread.
    while os.read(0, 4096):
        pass
    os._exit(EXIT_ORPHANED)


if __name__ == "__main__":
    main()
