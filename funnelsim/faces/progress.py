"""What is being done, and a bar with the time left for what takes longer than two seconds; on a terminal only, and gone
afterwards."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from funnelsim.faces.terminal import plain

PATIENCE: Final = 2.0
"""Seconds before the bar appears."""


@contextmanager
def working(doing: str, console: Console, wanted: bool = True) -> Iterator[None]:
    """Say what is being done while it lasts."""
    if not (wanted and console.is_terminal):
        yield
        return
    with console.status(plain(doing)):
        yield


class Meter:
    """Counts finished replications, or draws; call it with how many were just finished, from any thread."""

    def __init__(self, total: int, console: Console, wanted: bool = True, doing: str = "simulating") -> None:
        self.console, self.total, self.done, self.doing = console, total, 0, doing
        self.lock = threading.Lock()
        self.bar: Progress | None = None
        self.timer = threading.Timer(PATIENCE, self._appear) if wanted and console.is_terminal else None

    def __enter__(self) -> "Meter":
        if self.timer is not None:
            self.timer.daemon = True
            self.timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.timer is not None:
            self.timer.cancel()
        with self.lock:
            if self.bar is not None:
                self.bar.stop()
            self.timer = None

    def __call__(self, n: int) -> None:
        """Note that so many more replications are finished."""
        with self.lock:
            self.done += n
            if self.bar is not None:
                self.bar.update(self.task, completed=self.done)

    def aim(self, total: int, doing: str) -> None:
        """Note that so many are wanted in all by now, and what is being done."""
        with self.lock:
            self.total, self.doing = total, plain(doing)
            if self.bar is not None:
                self.bar.update(self.task, total=total, description=self.doing)

    def _appear(self) -> None:
        with self.lock:
            if self.timer is None:
                return
            self.bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                console=self.console,
                transient=True,
            )
            self.task = self.bar.add_task(self.doing, total=self.total, completed=self.done)
            self.bar.start()
