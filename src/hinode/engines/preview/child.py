"""The render process: ``python -m hinode.engines.preview.child``.

It reads one order from its input, writes messages to its output, and ends at once when its
input is closed: that is how it learns that its parent has died, however that happened.
(``PR_SET_PDEATHSIG`` is not used: it fires when the *thread* that started the process ends.)
"""

from __future__ import annotations

import errno
import os
import sys
import threading
import traceback
from typing import BinaryIO

from hinode.engines.preview.protocol import (
    Failure,
    Finished,
    Message,
    Order,
    Progress,
    read_order,
    write_message,
)

NICENESS = 5
ORPHANED = 3
# Progress smaller than this is not worth a line.
STEP = 0.005


def main() -> None:
    """Render what the order asks for and tell how it went."""
    channel = _private_output()
    os.nice(NICENESS)
    line = sys.stdin.buffer.readline()
    if not line:
        os._exit(ORPHANED)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    teller = _Teller(channel)
    teller.tell(_work(read_order(line), teller))


class _Teller:
    """Writes messages; progress only when it has moved enough."""

    def __init__(self, channel: BinaryIO) -> None:
        self._channel = channel
        self._told = 0.0

    def tell(self, message: Message) -> None:
        self._channel.write(write_message(message))
        self._channel.flush()

    def progress(self, done: float) -> None:
        if done - self._told >= STEP or done >= 1.0 > self._told:
            self._told = done
            self.tell(Progress(done))


def _work(order: Order, teller: _Teller) -> Message:
    from hinode.engines.preview.render import render
    from hinode.engines.preview.sources import BadFirstFrame, BadSource

    try:
        return Finished(render(order.spec, order.folder, teller.progress))
    except BadFirstFrame as error:
        return Failure("first_frame_unreadable", str(error))
    except BadSource as error:
        return Failure("source_unreadable", str(error))
    except MemoryError:
        return Failure("out_of_memory", "there was not enough memory to render this")
    except BrokenPipeError:
        os._exit(ORPHANED)
    except Exception as error:
        traceback.print_exc()
        full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
        if full:
            return Failure("disk_full", "there was no room on the disk for the rendered files")
        return Failure("render_failed", f"the scene could not be rendered: {type(error).__name__}")


def _private_output() -> BinaryIO:
    """Keep the output for messages: whatever libraries print goes to the error output."""
    channel = open(os.dup(sys.stdout.fileno()), "wb")  # noqa: SIM115 - open until the end
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return channel


def _end_with_parent() -> None:
    # os.read holds no lock of Python's, so an exit elsewhere is never held up by it.
    while os.read(0, 4096):
        pass
    os._exit(ORPHANED)


if __name__ == "__main__":
    main()
