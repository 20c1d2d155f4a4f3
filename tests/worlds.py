"""A tiny language for test worlds.

>>> image("FROM debian 120MB / RUN apt-get install gcc 210MB / COPY . 4MB").unpacked_bytes
334000000

The pieces are the lines of a Dockerfile, each followed by its layer's size. After the size may come

    ~2               the same instruction, but another layer
    =                another layer with the same content (after ~2)
    waste 3MB        of which no container sees so much
    (usr 8MB, etc 2MB)   whose bytes they are; `app` for COPY and `usr` for the rest, if left out
"""

import hashlib
import re
from dataclasses import replace
from typing import Any

from bot.core.compare import compare
from bot.core.entries import OwnerKey
from bot.core.judge import judge, verdict
from bot.core.model import (
    Budget,
    Growth,
    Image,
    ImageReport,
    ImageSpec,
    Instruction,
    Layer,
    Report,
    Revision,
    State,
)
from bot.core.sizes import parse_size

BASE = Revision("main", "ba5e" * 10)
HEAD = Revision("feature", "c0de" * 10)
NO_LIMIT = Budget()
_PIECE = re.compile(
    r"(?P<text>.+?) (?P<size>[\d.]+[kMG]?B)"
    r"(?: ~(?P<other>\d+))?(?P<same> =)?(?: waste (?P<waste>\S+))?(?: \((?P<owners>.+)\))?",
    re.DOTALL,
)


def image(world: str, reference: str = "app:latest", exact: bool = True) -> Image:
    """The image of a world."""
    layers = tuple(_layer(index, piece) for index, piece in enumerate(world.split(" / ")))
    seen = sum(layer.unpacked_bytes - layer.wasted_bytes for layer in layers)
    files = sum(layer.files for layer in layers)
    return Image(reference, _digest(world), "linux/amd64", layers, exact, seen, files)


def compared(
    before: str | Image | None,
    after: str | Image | None,
    budget: Budget = NO_LIMIT,
    name: str = "api",
    state: State = State.CHANGED,
    **more: Any,
) -> ImageReport:
    """Two worlds compared and judged, as the line does it; `more` are fields of the report."""
    comparison = compare(_image(before, f"{name}:base"), _image(after, f"{name}:head"))
    checks = judge(comparison, budget, state)
    spec = ImageSpec(name, f"{name}/Dockerfile", name, budget=budget)
    return ImageReport(spec, state, verdict(checks, state), comparison, checks=checks, **more)


def budget(max_size: str = "", max_growth: str = "", **more: Any) -> Budget:
    """A budget as the configuration writes it."""
    growth = Growth(bytes=parse_size(max_growth)) if max_growth else None
    return Budget(parse_size(max_size) if max_size else None, growth, **more)


def unchanged(name: str) -> ImageReport:
    """An image of which nothing was built, since nothing that goes into it differs."""
    return compared(None, None, name=name, state=State.UNCHANGED)


def review(*images: ImageReport, **more: Any) -> Report:
    """The review of a pull request."""
    given: dict[str, Any] = {"mode": "review", "base": BASE, "head": HEAD, "command": _COMMAND}
    return Report(images=images, **(given | more))


def owned(report: ImageReport, row: int, *owners: Any) -> ImageReport:
    """The same report with other owners in a row; what they leave is the last one's."""
    rows = list(report.comparison.attribution)
    rows[row] = replace(rows[row], owners=tuple(owners))
    comparison = replace(report.comparison, attribution=tuple(rows))
    return replace(report, comparison=comparison)


_COMMAND = f"image-size-review review --base {BASE.sha} --head {HEAD.sha}"


def _image(world: str | Image | None, reference: str) -> Image | None:
    return image(world, reference) if isinstance(world, str) else world


def _layer(index: int, piece: str) -> Layer:
    found = _PIECE.fullmatch(piece)
    assert found, f"{piece!r} is not a piece of a world"
    text, size = found["text"], parse_size(found["size"])
    keyword = text.partition(" ")[0]
    other = found["other"] or "1"
    content = f"{text} {size} {'1' if found['same'] else other}"
    return Layer(
        index=index,
        diff_id="sha256:" + _digest(f"{content} ~{other}"),
        unpacked_bytes=size,
        compressed_bytes=size * 2 // 5,
        files=max(1, size // 50_000),
        created_by=text,
        content_id=_digest(content),
        wasted_bytes=parse_size(found["waste"] or "0"),
        owners=_owners(found["owners"], keyword, size),
        instruction=Instruction(keyword, text, index + 1, index + 1),
        from_base_image=keyword == "FROM",
    )


def _owners(given: str | None, keyword: str, size: int) -> dict[OwnerKey, int]:
    if given is None:
        return {_directory("app" if keyword == "COPY" else "usr"): size}
    pairs = (part.rpartition(" ") for part in given.split(", "))
    owners = {_directory(name): parse_size(amount) for name, _, amount in pairs}
    assert sum(owners.values()) == size, f"the owners of {size:,} B do not add up: {given}"
    return owners


def _directory(name: str) -> OwnerKey:
    return OwnerKey("directory", name)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
