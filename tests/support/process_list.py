"""The list of processes, watched for texts that should not be there."""

import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread
from typing import Self


class ProcessListWatch:
    """Looks at the arguments of all processes while in use; `hits` are command lines with a text."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [text.encode() for text in texts]
        self._ended, self._thread = Event(), Thread(target=self._watch, daemon=True)
        self.hits: set[bytes] = set()
        self.programs: set[bytes] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    line = (process / "cmdline").read_bytes()
                except OSError:  # it has ended
                    continue
                self.programs.add(line.partition(b"\0")[0])
                if any(text in line for text in self._texts):
                    self.hits.add(line)
            time.sleep(0.05)
