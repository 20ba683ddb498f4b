"""Working out shops in processes of their own: reckoning would keep a serving process from answering, and a second core
from doing anything. They read by themselves and hand back what is to be written; whoever asked writes it.

The child is started as a plain program that gets its orders on stdin, and is gone when that ends, or when it is closed.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import selectors
import struct
import subprocess
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from app.common.database import Database
from app.common.database.engines import open_engine
from app.insights.service.computing import Asked, Outcome, compute
from app.insights.service.reading import Surroundings

FEW = 10_000
"""Members for whom a process of their own is worth its start."""
_COMMAND = "from app.insights.service.working import main; main()"
_NICE = 10
# Small problems are solved faster by one thread, and the other core is the counters'.
_THREADS = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_HEAD = struct.Struct("!Q")  # how long what follows is


class WorkerLostError(Exception):
    """A process that worked out shops ended before it was done."""


@dataclass(frozen=True, slots=True)
class _Order:
    url: str
    now: datetime
    around: Surroundings
    shops: Sequence[Asked]


def work_out(
    database: Database, now: datetime, around: Surroundings, shops: Sequence[Asked], workers: int
) -> Generator[Outcome]:
    """Work out shops, in any order, and give each as soon as it is done; at most a few wait to be taken. Without
    ``workers``, and for few members, it is done here. Raises :class:`WorkerLostError`."""
    members = sum(asked.shop.members for asked in shops)
    workers = min(workers, len(shops), members // FEW)
    if workers == 0:
        for asked in shops:
            with database.reading() as tx:
                outcome = compute(tx, now, asked, around)
            yield outcome
        return
    url = database.engine.url.render_as_string(hide_password=False)
    orders = [_Order(url, now, around, shops[number::workers]) for number in range(workers)]
    with contextlib.ExitStack() as stack:
        crew = [stack.enter_context(_Worker(order)) for order in orders]
        yield from _gather(crew)


def _gather(crew: Sequence[_Worker]) -> Generator[Outcome]:
    with selectors.DefaultSelector() as waiting:
        for worker in crew:
            waiting.register(worker.pipe, selectors.EVENT_READ, worker)
        while waiting.get_map():
            for key, _ in waiting.select():
                worker = key.data
                outcome = worker.receive()
                if outcome is None:
                    waiting.unregister(worker.pipe)
                else:
                    yield outcome


class _Worker:
    """One child process. It waits with the next shop while nobody takes what it has done."""

    def __init__(self, order: _Order) -> None:
        environment = os.environ | _THREADS | {"PYTHONPATH": os.pathsep.join(one for one in sys.path if one)}
        self._process = subprocess.Popen(  # noqa: S603  our own program
            [sys.executable, "-c", _COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, bufsize=0
        )
        self._order = order
        self._left = len(order.shops)

    @property
    def pipe(self) -> IO[bytes]:
        """On which it tells."""
        assert self._process.stdout is not None
        return self._process.stdout

    def __enter__(self) -> _Worker:
        assert self._process.stdin is not None
        try:
            rest = memoryview(pickle.dumps(self._order, protocol=pickle.HIGHEST_PROTOCOL))
            while rest:
                rest = rest[self._process.stdin.write(rest) :]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def receive(self) -> Outcome | None:
        """The next shop that it has worked out; None where it is done. Raises WorkerLostError."""
        if self._left == 0:
            return None
        self._left -= 1
        head = self._read(_HEAD.size)
        body = self._read(_HEAD.unpack(head)[0]) if head else b""
        if not body:
            raise WorkerLostError(f"it ended with {self._left + 1} shops to do")
        outcome: Outcome = pickle.loads(body)  # noqa: S301  our own child's words
        return outcome

    def _read(self, size: int) -> bytes:
        """Exactly so many bytes; none where the child has ended. Unbuffered: what is waiting must be seen."""
        parts: list[bytes] = []
        while size:
            part = self.pipe.read(size)
            if not part:
                return b""
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def main() -> None:
    """The child: reads its order from stdin, and writes what it works out to stdout, until it is told to end."""
    os.nice(_NICE)
    order: _Order = pickle.load(sys.stdin.buffer)  # noqa: S301  from whoever started this
    database = Database(open_engine(order.url))
    try:
        for asked in order.shops:
            with database.reading() as tx:
                outcome = compute(tx, order.now, asked, order.around)
            body = pickle.dumps(outcome, protocol=pickle.HIGHEST_PROTOCOL)
            sys.stdout.buffer.write(_HEAD.pack(len(body)) + body)
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        return
    finally:
        database.close()
