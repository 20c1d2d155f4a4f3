"""A process that feeds one reader: `python -m tests.fuzz.worker READER SEED BEFORE FIRST COUNT PROGRESS`.

Before each input it writes its number into the file PROGRESS, so that whoever started it knows which
input it hangs or dies on. A defect is kept as a seed, printed, and not the end. An input that takes
too much processor time ends the process by SIGPROF: what other processes take does not count.
"""

import random
import resource
import signal
import struct
import sys
import traceback
from mmap import mmap
from pathlib import Path

from tests.fuzz.examples import SEEDS, list_examples
from tests.fuzz.mutations import mutate
from tests.fuzz.readers import READERS, Reader, describe

NUMBER = struct.Struct("<q")
_INPUT_PROCESSOR_S = 20
_MEMORY_BYTES = 3_000_000 << 10  # of addresses, as `ulimit -v 3000000` allows


def make_input(name: str, seed: int, before: float, number: int) -> bytes:
    """Return the input of a number, the same for the same seeds, which are those kept before."""
    chance = random.Random(f"{name} {seed} {number}")
    examples = list_examples(name, before)
    return mutate(chance.choice(examples), examples, READERS[name].words, chance)


def feed(reader: Reader, content: bytes) -> BaseException | None:
    """Return the defect that an input shows; None for a value or one of the reader's errors."""
    try:
        reader.read(content)
    except reader.errors:
        return None
    except BaseException as defect:  # noqa: BLE001 - a panic of a library is no Exception
        return defect
    return None


def limit_processor_time(seconds: float) -> None:
    """End this process by SIGPROF once it has taken so much processor time from now on."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def save_seed(name: str, content: bytes, kind: str) -> Path:
    """Keep an input on which a reader failed."""
    folder = SEEDS / name
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [int(path.name.rpartition("-")[2]) for path in folder.glob(f"{kind}-*")]
    path = folder / f"{kind}-{max(numbers, default=0) + 1}"
    path.write_bytes(content)
    return path


def main(name: str, seed: int, before: float, first: int, count: int, progress: Path) -> int:
    """Feed `count` inputs and return 1 if one of them shows a defect."""
    reader, defects = READERS[name], set[object]()
    with progress.open("r+b") as file, mmap(file.fileno(), NUMBER.size) as shown:
        for number in range(first, first + count):
            shown[:] = NUMBER.pack(number)
            limit_processor_time(_INPUT_PROCESSOR_S)
            content = make_input(name, seed, before, number)
            defect = feed(reader, content)
            if defect is None or describe(defect) in defects:
                continue
            defects.add(describe(defect))
            path = save_seed(name, content, type(defect).__name__.lower())
            print(f"DEFECT {name} {number}: {path}", flush=True)
            traceback.print_exception(defect, limit=-4, file=sys.stdout)
        shown[:] = NUMBER.pack(first + count)
    return 1 if defects else 0


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    READER, SEED, BEFORE, FIRST, COUNT, PROGRESS = sys.argv[1:]
    sys.exit(main(READER, int(SEED), float(BEFORE), int(FIRST), int(COUNT), Path(PROGRESS)))
