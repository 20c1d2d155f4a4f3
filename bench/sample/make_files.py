"""Fills a folder with files like those of real images; the same for the same seed."""

import argparse
import random
from pathlib import Path

_WORDS = 4096
_DIRECTORIES = 40


def main() -> None:
    """Write files of random bytes: `make_files.py FOLDER --files N --seed N [--size BYTES]`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--size", type=int, help="of each file; if left out, as in real images")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    text = b" ".join(b"%x" % chance.getrandbits(24) for _ in range(_WORDS)) * 60
    noise = chance.randbytes(len(text))
    for number in range(options.files):
        suffix = chance.choice(("py", "json", "so", "txt", "png", "js"))
        path = (
            options.folder / str(number % 4) / f"d{number % _DIRECTORIES}" / f"f{number}.{suffix}"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        size = options.size or min(int(chance.lognormvariate(8.35, 1.75)), len(text) - 1)
        start = chance.randrange(len(text) - size)
        source = noise if suffix == "png" else text
        path.write_bytes(b"%d\n" % number + source[start : start + size])


if __name__ == "__main__":
    main()
