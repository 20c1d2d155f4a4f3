"""The page for browsers of an image of 200,000 files: `python -m bench.html_page`.

The image is an archive, the layers of which were read before, as those of an unchanged image in a
cache are: the time is that of the page, and of what it is made from. No engine is needed. The table
of docs/performance.md is written; `--print` leaves the page as it is, `--rounds 1` is for a quick
look.
"""

import argparse
import hashlib
import io
import json
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import page
from bench.race import ROUNDS, Command, alone

SECTION = "html"
FILES, LAYERS = 200_000, 4
HEAD = ("| what | seconds | processor | peak memory | size of the page |", "|---|--:|--:|--:|--:|")
_FOLDERS = 400


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.html_page", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--print", action="store_true")
    options = parser.parse_args()
    lines = [page.machine(), f"Medians of {options.rounds} rounds.", ""]
    with tempfile.TemporaryDirectory(prefix="image-size-bench-") as folder:
        lines += _report(Path(folder), options.rounds)
    print("\n".join(lines))
    if not options.print:
        page.PAGE.write_text(page.put(page.PAGE.read_text("utf-8"), SECTION, lines), "utf-8")


def _report(folder: Path, rounds: int) -> Iterator[str]:
    """Yield the table: the text and the page of the same image."""
    yield from HEAD
    archive, html = folder / "image.tar", folder / "page.html"
    make_archive(archive)
    cache = {"IMAGE_SIZE_REVIEW_CACHE": str(folder / "cache")}
    result = alone(_measure(archive, html), cache, rounds)
    what = f"`measure --output page.html`, {FILES:,} files, layers in the cache"
    numbers = f"{result.seconds:.2f} | {result.cpu:.2f} | {result.memory / 1e6:.0f} MB"
    yield f"| {what} | {numbers} | {html.stat().st_size / 1000:.0f} kB |"


def _measure(archive: Path, output: Path) -> Command:
    image = f"docker-archive:{archive}"
    return (sys.executable, "-m", "bot", "measure", image, "--output", str(output))


def make_archive(path: Path) -> None:
    """Write an image of small files in several layers and many folders."""
    diff_ids = []
    with tarfile.open(path, "w") as archive:
        for number in range(LAYERS):
            layer = path.with_suffix(".layer")
            _write_layer(layer, number)
            with layer.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            diff_ids.append(f"sha256:{digest}")
            archive.add(layer, f"{digest}/layer.tar")
            layer.unlink()
        history = [{"created_by": f"COPY part{number} /"} for number in range(LAYERS)]
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "history": history,
        }
        _add(archive, "config.json", json.dumps(config).encode())
        layers = [f"{diff_id.partition(':')[2]}/layer.tar" for diff_id in diff_ids]
        manifest = [{"Config": "config.json", "RepoTags": ["bench:files"], "Layers": layers}]
        _add(archive, "manifest.json", json.dumps(manifest).encode())


def _write_layer(path: Path, layer: int) -> None:
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for number in range(FILES // LAYERS):
            folder = number % _FOLDERS
            name = f"srv/part{layer}/{folder % 20}/{folder}/file{number}.js"
            _add(tar, name, b"x" * (1 + number * 7919 % 500))


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


if __name__ == "__main__":
    main()
