"""The expanded derivatives, made in a process of their own: SymPy holds the interpreter for a second, and a page must not wait.

`ask` says at once what there is: the derivative, that it is on its way, or a sentence why there will be none. One child
process makes them one after the other: first what was asked for, the newest first, then every other number of the same
networks, so that the next key press finds its derivative ready. It is told a network's structure only, never its numbers, so
one derivative serves every sample, iteration and edit, and every visitor with such a network. The child is expander.py.
"""

from __future__ import annotations

import base64
import json
import os
import pickle
import subprocess
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from backprop.engine.network import Network
from backprop.engine.steps import Cell
from backprop.explain.expanded import Expanded, followed, of_any_sample, refusal
from backprop.language import _
from backprop.ui.expander import structure

DEADLINE = 20.0
"""Seconds for a derivative; then the child is killed."""
START = 120.0
"""Seconds for a child to start, also on a busy machine."""
IDLE = 300.0
"""Seconds without work after which the child ends."""
MOST_ASKED, MOST_STRUCTURES = 64, 8
"""Waiting requests, and networks whose other numbers are made; the oldest are dropped, and made when they are asked for again."""
MOST_BYTES, MOST_LINE = 8_000_000, 1_000_000
"""Of all that is kept, as the child sent it; of one answer."""
OVERHEAD = 500
"""Bytes that are counted for an answer besides its own."""

_ROOT = Path(__file__).parents[2]
_COMMAND = (sys.executable, "-m", "backprop.ui.expander")


@dataclass(frozen=True)
class Pending:
    """On its way. done, of: how many of the network's derivatives are made, and how many there will be."""

    done: int
    of: int


@dataclass(frozen=True)
class Refused:
    """There will be none; why, in one sentence."""

    sentence: str


@lru_cache(maxsize=64)
def _made(network: Network) -> tuple[Cell, ...]:
    """The numbers of a network whose derivatives are made."""
    return tuple(cell for cell in followed(network) if refusal(network, cell) is None)


Key = tuple[str, Cell]


class Workshop:
    """Keeps what is made, and a child process that makes what is not. command: what the child is started with."""

    def __init__(
        self,
        command: Sequence[str] = _COMMAND,
        deadline: float = DEADLINE,
        idle: float = IDLE,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._command, self._deadline, self._idle, self._most_bytes = tuple(command), deadline, idle, most_bytes
        self._changed = threading.Condition()  # held for moments only, never while the child is waited for
        self._kept: OrderedDict[Key, tuple[Expanded | str, int]] = OrderedDict()  # what is made, or its fault; its size
        self._bytes = 0
        self._asked: OrderedDict[Key, None] = OrderedDict()
        self._others: OrderedDict[str, deque[Cell]] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._child: _Child | None = None
        self._doing: Key | None = None
        self._closed = False

    def ask(self, network: Network, cell: Cell) -> Expanded | Pending | Refused:
        """The derivative by a number of W, b, x, z or a, at once or not yet. Raises KeyError for any other."""
        cell = of_any_sample(network, cell)
        key = (structure(network), cell)
        with self._changed:
            if key in self._kept:
                self._kept.move_to_end(key)
                made, _size = self._kept[key]
                return made if isinstance(made, Expanded) else Refused(_sentence(made))
        if sentence := refusal(network, cell):
            return Refused(sentence)
        every = _made(network)
        with self._changed:
            self._wanted(key, every)
            return Pending(sum((key[0], each) in self._kept for each in every), len(every))

    def _wanted(self, key: Key, every: tuple[Cell, ...]) -> None:
        if key != self._doing:
            self._asked[key] = None
            self._asked.move_to_end(key)
            if len(self._asked) > MOST_ASKED:
                self._asked.popitem(last=False)
        if key[0] not in self._others:
            self._others[key[0]] = deque(every)
            if len(self._others) > MOST_STRUCTURES:
                self._others.popitem(last=False)
        self._others.move_to_end(key[0])
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._work, name="expanding", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def close(self) -> None:
        """End the child and take no more work."""
        with self._changed:
            self._closed = True
            self._asked.clear()
            self._others.clear()
            self._changed.notify_all()
            thread, child = self._thread, self._child
        if child is not None:
            child.kill()
        if thread is not None:
            thread.join()

    # --- what the thread does

    def _next(self) -> Key | None:
        """What to make next: the newest request, else a number of the newest network that was asked about."""
        if self._asked:
            return self._asked.popitem()[0]
        while self._others:
            text, cells = next(reversed(self._others.items()))
            while cells:
                key = (text, cells.popleft())
                if key not in self._kept:
                    return key
            del self._others[text]
        return None

    def _work(self) -> None:
        while True:
            with self._changed:
                self._doing = key = self._next()
                if key is None:
                    self._changed.wait_for(lambda: self._asked or self._others or self._closed, self._idle)
                    if self._asked or self._others:
                        continue
                    self._thread, child, self._child = None, self._child, None
                    break
            self._keep(key, *self._make(key))
        if child is not None:
            child.end()

    def _make(self, key: Key) -> tuple[Expanded | str, int]:
        """What the child makes of a request, and how long its answer is; or a fault. A child that died is replaced once."""
        for _attempt in range(2):
            try:
                child = self._child or _Child(self._command)
            except OSError:
                return "failed", 0
            with self._changed:
                self._child = child
                if self._closed:
                    child.kill()
            made, size = child.made(key, self._deadline)
            if made not in ("slow", "died"):
                return made, size
            with self._changed:
                self._child = None
            child.end()
            if made == "slow":
                return made, size
        return "failed", 0

    def _keep(self, key: Key, made: Expanded | str, size: int) -> None:
        with self._changed:
            self._doing = None
            self._asked.pop(key, None)
            if made == "slow":  # the network's other numbers would be as slow; let somebody ask for them first
                self._others.pop(key[0], None)
            size += OVERHEAD
            self._bytes += size - self._kept.pop(key, ("", 0))[1]
            self._kept[key] = made, size
            while self._bytes > self._most_bytes and len(self._kept) > 1:
                _key, (_old, freed) = self._kept.popitem(last=False)
                self._bytes -= freed


def _sentence(fault: str) -> str:
    if fault == "slow":
        return _("SymPy took too long over this derivative, so it was stopped.")
    return _("SymPy could not write this derivative out.")


class _Child:
    """The process, and the two pipes to it."""

    def __init__(self, command: Sequence[str]) -> None:
        paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OPENBLAS_NUM_THREADS": "1"},
            start_new_session=True,  # a Ctrl-C is for the server; the child ends with its input
        )
        self._ready = False

    def made(self, key: Key, deadline: float) -> tuple[Expanded | str, int]:
        """What the child makes of a request and how long its answer is; "failed", or "slow" or "died", after which it must be ended."""
        if not self._ready:
            came, slow = self._line(START)
            if slow or not came:
                return "slow" if slow else "died", 0
            self._ready = True
        request = json.dumps({"structure": key[0], "cell": key[1].address})
        answer, slow = self._line(deadline, request.encode() + b"\n")
        if not answer:
            return "slow" if slow else "died", 0
        try:
            made = pickle.loads(base64.b64decode(answer))
        except Exception:
            return "failed", 0
        return (made, len(answer)) if isinstance(made, Expanded) and made.cell == key[1] else ("failed", 0)

    def _line(self, deadline: float, request: bytes = b"") -> tuple[bytes, bool]:
        """(the child's next line, or nothing where none came whole; did the deadline pass?)"""
        passed = threading.Event()

        def kill() -> None:
            passed.set()
            self.kill()

        timer = threading.Timer(deadline, kill)
        timer.daemon = True
        timer.start()
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin and stdout
        line = b""
        try:
            stdin.write(request)
            stdin.flush()
            line = stdout.readline(MOST_LINE)
        except (OSError, ValueError):  # it has died: a pipe is broken
            pass
        finally:
            timer.cancel()
        return (line if line.endswith(b"\n") else b""), passed.is_set()

    def kill(self) -> None:
        """Stop the process at once; whoever waits for its answer gets none."""
        self._process.kill()

    def end(self) -> None:
        """Stop it and wait for its end, so that nothing of it stays behind."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        self._process.wait()


_workshop = Workshop()
ask = _workshop.ask
