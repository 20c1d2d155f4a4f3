"""A tiny language for test worlds.

>>> image("FROM debian 120MB / RUN apt-get install gcc 210MB / COPY . 4MB").unpacked_bytes
334000000

The pieces are the lines of a Dockerfile, each followed by its layer's size. After the size may come

    ~2               the same instruction, but another layer
    =                another layer with the same content (after ~2)
    waste 3MB        of which no container sees so much
    copies 3MB of 2 in /app   what it does to the layer of piece 2; also `removes` and `overwrites`
    (deb gcc 12 8MB, /etc 2MB)   whose bytes they are; /app for COPY and /usr for the rest, if left out

What a container sees may be told too: `tree="app/model.bin 90MB #weights @2"` is a file of some
content that piece 2 brought; whatever the tree leaves untold is one file more.
"""

import hashlib
import re
from dataclasses import replace
from typing import Any

from bot.budget.judge import check_budget, image_verdict
from bot.compare.compare import compare_images
from bot.model.files import Entry, EntryKind, OwnerKey, WasteCause, WastedFile
from bot.model.image import Image, InstructionRef, Layer
from bot.model.report import ImageReport, ImageState, Mode, Report, Revision
from bot.model.sizes import parse_size
from bot.model.spec import Budget, GrowthLimit, ImageSpec

BASE = Revision("main", "ba5e" * 10)
HEAD = Revision("feature", "c0de" * 10)
NO_LIMIT = Budget()
_PIECE = re.compile(
    r"(?P<text>.+?) (?P<size>[\d.]+[kMG]?B)"
    r"(?: ~(?P<other>\d+))?(?P<same> =)?(?: waste (?P<waste>\S+))?"
    r"(?P<hides>(?: (?:copies|removes|overwrites) \S+ of \d+ in \S+)*)(?: \((?P<owners>.+)\))?",
    re.DOTALL,
)
_HIDES = re.compile(r"(copies|removes|overwrites) (\S+) of (\d+) in /(\S+)")
_HOW = {
    "copies": WasteCause.COPIED,
    "removes": WasteCause.REMOVED,
    "overwrites": WasteCause.OVERWRITTEN,
}
_FILE = re.compile(r"(?P<path>\S+) (?P<size>\S+)(?: #(?P<content>\S+))?(?: @(?P<piece>\d+))?")
_PACKAGES = {"deb", "apk", "rpm", "pypi", "npm", "gem", "jar", "go", "rust"}


def image(
    world: str, reference: str = "app:latest", exact: bool = True, tree: str = "", **more: Any
) -> Image:
    """The image of a world; `more` are fields of it."""
    pieces = world.split(" / ")
    wastes = tuple(waste for index, piece in enumerate(pieces) for waste in _wastes(index, piece))
    layers = [_layer(index, piece) for index, piece in enumerate(pieces)]
    error = more.get("compressed_error", 0.0)
    layers = [replace(layer, compressed_error=error) for layer in layers]
    for waste in wastes:
        layer = layers[waste.shipping_layer]
        wasted = layer.wasted_bytes + waste.size
        layers[waste.shipping_layer] = replace(layer, wasted_bytes=wasted)
    seen = sum(layer.unpacked_bytes - layer.wasted_bytes for layer in layers)
    files = sum(layer.files for layer in layers)
    given = {"wasted_files": wastes, **(_tree(tree, seen) if tree else {}), **more}
    identity = _digest(world + tree)
    return Image(reference, identity, "linux/amd64", tuple(layers), exact, seen, files, **given)


def compared(
    before: str | Image | None,
    after: str | Image | None,
    budget: Budget = NO_LIMIT,
    name: str = "api",
    state: ImageState = ImageState.CHANGED,
    **more: Any,
) -> ImageReport:
    """Two worlds compared and judged, as the line does it; `more` are fields of the report."""
    comparison = compare_images(_image(before, f"{name}:base"), _image(after, f"{name}:head"))
    checks = check_budget(comparison, budget, state)
    spec = ImageSpec(name, f"{name}/Dockerfile", name, budget=budget)
    return ImageReport(spec, state, image_verdict(checks, state), comparison, checks=checks, **more)


def budget(max_size: str = "", max_growth: str = "", **more: Any) -> Budget:
    """A budget as the configuration writes it."""
    growth = GrowthLimit(bytes=parse_size(max_growth)) if max_growth else None
    return Budget(parse_size(max_size) if max_size else None, growth, **more)


def unchanged(name: str) -> ImageReport:
    """An image of which nothing was built, since nothing that goes into it differs."""
    return compared(None, None, name=name, state=ImageState.UNCHANGED)


def review(*images: ImageReport, **more: Any) -> Report:
    """The review of a pull request."""
    given: dict[str, Any] = {
        "mode": Mode.REVIEW,
        "base": BASE,
        "head": HEAD,
        "reproduce_command": _COMMAND,
    }
    return Report(images=images, **(given | more))


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
        instruction=InstructionRef(keyword, text, index + 1, index + 1),
        from_base_image=keyword == "FROM",
    )


def _owners(given: str | None, keyword: str, size: int) -> dict[OwnerKey, int]:
    if given is None:
        return {_owner("app" if keyword == "COPY" else "usr"): size}
    pairs = (part.rpartition(" ") for part in given.split(", "))
    owners = {_owner(name): parse_size(amount) for name, _, amount in pairs}
    assert sum(owners.values()) == size, f"the owners of {size:,} B do not add up: {given}"
    return owners


def _owner(told: str) -> OwnerKey:
    """`deb gcc 12` is a package, anything else a directory."""
    kind, _, rest = told.partition(" ")
    if kind in _PACKAGES:
        name, _, version = rest.rpartition(" ")
        return OwnerKey(kind, name, version)
    return OwnerKey("directory", told if told.startswith("/") else f"/{told}")


def _wastes(index: int, piece: str) -> list[WastedFile]:
    found = _PIECE.fullmatch(piece)
    return [
        WastedFile(f"{folder}/file", parse_size(size), int(below) - 1, index, _HOW[how])
        for how, size, below, folder in _HIDES.findall(found["hides"] if found else "")
    ]


def _tree(given: str, seen: int) -> dict[str, Any]:
    tree, origins = dict[str, Entry](), dict[str, int]()
    for told in given.split(", "):
        found = _FILE.fullmatch(told)
        assert found, f"{told!r} is not a file of a world"
        path, size = found["path"], parse_size(found["size"])
        tree[path] = Entry(
            path, EntryKind.FILE, size, content_hash=_digest(found["content"] or path)
        )
        if found["piece"]:
            origins[path] = int(found["piece"]) - 1
    rest = seen - sum(entry.size for entry in tree.values())
    assert rest >= 0, f"a container sees {seen:,} B, the tree is {-rest:,} B more"
    tree["usr/rest"] = Entry("usr/rest", EntryKind.FILE, rest, content_hash=_digest(f"{rest}"))
    return {"tree": tree, "layer_by_path": origins}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
