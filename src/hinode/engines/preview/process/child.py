"""The render process: ``python -m hinode.engines.preview.process.child``.

It reads one request from its input, writes messages to its output, and ends at once when its
input is closed, which is how it notices that its parent died.
(``PR_SET_PDEATHSIG`` is not used: it fires when the *thread* that started the process ends.)
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from typing import BinaryIO

from hinode.engines.preview.process.protocol import RenderFailure, RenderMessage, RenderRequest
from hinode.kit import dataclass_json
from hinode.kit.child_process import reserve_stdout

NICENESS = 5
EXIT_ORPHANED = 3
# Progress smaller than this is not worth a line.
MIN_PROGRESS_STEP = 0.005


def main() -> None:
    """Render the request and report the result."""
    channel = reserve_stdout()
    os.nice(NICENESS)
    line = sys.stdin.buffer.readline()
    if not line:
        os._exit(EXIT_ORPHANED)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    writer = _MessageWriter(channel)
    writer.send(_render(dataclass_json.decode(RenderRequest, line), writer))


class _MessageWriter:
    """Writes messages; progress only when it has changed enough."""

    def __init__(self, channel: BinaryIO) -> None:
        self._channel = channel
        self._last_progress = 0.0

    def send(self, message: RenderMessage) -> None:
        self._channel.write(dataclass_json.encode(message))
        self._channel.flush()

    def progress(self, done: float) -> None:
        if done - self._last_progress >= MIN_PROGRESS_STEP or done >= 1.0 > self._last_progress:
            self._last_progress = done
            self.send(RenderMessage(progress=round(done, 4)))


def _render(request: RenderRequest, writer: _MessageWriter) -> RenderMessage:
    from hinode.engines.preview.inputs import BadFirstFrame, BadSource
    from hinode.engines.preview.render import render
    from hinode.media.image_files import load_formats

    load_formats()
    try:
        files = render(request.spec, request.folder, writer.progress)
        return RenderMessage(artifacts=tuple(files))
    except BadFirstFrame as error:
        return _failure("first_frame_unreadable", str(error))
    except BadSource as error:
        return _failure("source_unreadable", str(error))
    except MemoryError:
        return _failure("out_of_memory", "There was not enough memory to render this.")
    except BrokenPipeError:
        os._exit(EXIT_ORPHANED)
    except Exception as error:
        traceback.print_exc()
        number = error.errno if isinstance(error, OSError) else None
        text = f"The scene could not be rendered: {type(error).__name__}."
        return _failure("render_failed", text, number)


def _failure(code: str, text: str, number: int | None = None) -> RenderMessage:
    return RenderMessage(failure=RenderFailure(code, text, number))


def _exit_with_parent() -> None:
    # os.read holds no lock of Python, so it never delays an exit in another thread.
    while os.read(0, 4096):
        pass
    os._exit(EXIT_ORPHANED)


if __name__ == "__main__":
    main()
