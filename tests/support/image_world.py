"""A small language for images in tests, and for the reports that compare them.

>>> image("FROM debian 120MB / RUN apt-get install gcc 210MB / COPY . 4MB").unpacked_bytes
334000000

The steps are the lines of a Dockerfile, each with the size of its layer. After the size may follow

    ~2               the same instruction, but a different layer
    =                a different layer with the same content (after ~2)
    waste 3MB        bytes of the layer that no container sees
    copies 3MB of 2 in /app   an effect on the layer of step 2; also `removes` and `overwrites`
    (deb gcc 12 8MB, /etc 2MB)   the owners of the bytes; by default /app for COPY, /usr for others

`tree` lists files that a container sees: `tree="app/model.bin 90MB #weights @2"` is a file with the
content `weights` from step 2. All other visible bytes are in one more file.
"""

import hashlib
import re
from dataclasses import replace
from typing import Any

from bot.budget.judge import check_budgets, image_verdict
from bot.compare.compare import compare_images
from bot.model.files import Entry, EntryKind, OwnerKey, WasteCause, WastedFile
from bot.model.image import Image, InstructionRef, Layer
from bot.model.report import ImageReport, ImageState, Mode, Report, Revision
from bot.model.sizes import parse_size
from bot.model.spec import Budget, GrowthLimit, ImageSpec

BASE = Revision("main", "ba5e" * 10)
HEAD = Revision("feature", "c0de" * 10)
NO_LIMIT = Budget()
_STEP = re.compile(
    r"(?P<text>.+?) (?P<size>[\d.]+[kMG]?B)"
    r"(?: ~(?P<other>\d+))?(?P<same> =)?(?: waste (?P<waste>\S+))?"
    r"(?P<effects>(?: (?:copies|removes|overwrites) \S+ of \d+ in \S+)*)(?: \((?P<owners>.+)\))?",
    re.DOTALL,
)
_EFFECT = re.compile(r"(copies|removes|overwrites) (\S+) of (\d+) in /(\S+)")
_WASTE_CAUSES = {
    "copies": WasteCause.COPIED,
    "removes": WasteCause.REMOVED,
    "overwrites": WasteCause.OVERWRITTEN,
}
_FILE = re.compile(r"(?P<path>\S+) (?P<size>\S+)(?: #(?P<content>\S+))?(?: @(?P<step>\d+))?")
_PACKAGES = {"deb", "apk", "rpm", "pypi", "npm", "gem", "jar", "go", "rust"}


def image(
    world: str, reference: str = "app:latest", exact: bool = True, tree: str = "", **fields: Any
) -> Image:
    """Build the image that a text describes; `fields` are further fields of it."""
    steps = world.split(" / ")
    wastes = tuple(waste for index, step in enumerate(steps) for waste in _wastes(index, step))
    error = fields.get("compressed_error", 0.0)
    layers = [
        replace(_layer(index, step), compressed_error=error) for index, step in enumerate(steps)
    ]
    for waste in wastes:
        layer = layers[waste.shipping_layer]
        wasted = layer.wasted_bytes + waste.size
        layers[waste.shipping_layer] = replace(layer, wasted_bytes=wasted)
    visible = sum(layer.unpacked_bytes - layer.wasted_bytes for layer in layers)
    files = sum(layer.files for layer in layers)
    fields = {"wasted_files": wastes, **(_tree(tree, visible) if tree else {}), **fields}
    identity = _digest(world + tree)
    return Image(reference, identity, "linux/amd64", tuple(layers), exact, visible, files, **fields)


def compared(
    before: str | Image | None,
    after: str | Image | None,
    budget: Budget = NO_LIMIT,
    name: str = "api",
    state: ImageState = ImageState.CHANGED,
    **fields: Any,
) -> ImageReport:
    """Compare and judge two images as `bot.line` does; `fields` are fields of the report.

    `removed`, among them, names the images that the same change removes.
    """
    comparison = compare_images(_image(before, f"{name}:base"), _image(after, f"{name}:head"))
    removed = fields.pop("removed", ())
    checks = check_budgets(comparison, (budget, None), state, removed=removed)
    spec = ImageSpec(name, f"{name}/Dockerfile", name, budget=budget)
    verdict = image_verdict(checks, state, failure=fields.get("failure"))
    return ImageReport(spec, state, verdict, comparison, checks=checks, **fields)


def budget(max_size: str = "", max_growth: str = "", **fields: Any) -> Budget:
    """Build a budget from sizes as the configuration file has them."""
    growth = GrowthLimit(bytes=parse_size(max_growth)) if max_growth else None
    return Budget(parse_size(max_size) if max_size else None, growth, **fields)


def unchanged(name: str) -> ImageReport:
    """Build the report of an image that was not built, as its inputs are the same."""
    return compared(None, None, name=name, state=ImageState.UNCHANGED)


def review(*images: ImageReport, **fields: Any) -> Report:
    """Build the review of a pull request; `fields` replace fields of the report."""
    defaults: dict[str, Any] = {
        "mode": Mode.REVIEW,
        "base": BASE,
        "head": HEAD,
        "reproduce_command": _COMMAND,
    }
    return Report(images=images, **(defaults | fields))


_COMMAND = f"image-size-review review --base {BASE.sha} --head {HEAD.sha}"


def _image(world: str | Image | None, reference: str) -> Image | None:
    return image(world, reference) if isinstance(world, str) else world


def _layer(index: int, step: str) -> Layer:
    match = _STEP.fullmatch(step)
    assert match, f"{step!r} is not a step of an image"
    text, size = match["text"], parse_size(match["size"])
    keyword = text.partition(" ")[0]
    other = match["other"] or "1"
    content = f"{text} {size} {'1' if match['same'] else other}"
    return Layer(
        index=index,
        diff_id="sha256:" + _digest(f"{content} ~{other}"),
        unpacked_bytes=size,
        compressed_bytes=size * 2 // 5,
        files=max(1, size // 50_000),
        created_by=text,
        content_id=_digest(content),
        wasted_bytes=parse_size(match["waste"] or "0"),
        owners=_owners(match["owners"], keyword, size),
        instruction=InstructionRef(keyword, text, index + 1, index + 1),
        from_base_image=keyword == "FROM",
    )


def _owners(text: str | None, keyword: str, size: int) -> dict[OwnerKey, int]:
    if text is None:
        return {_owner("app" if keyword == "COPY" else "usr"): size}
    pairs = (part.rpartition(" ") for part in text.split(", "))
    owners = {_owner(name): parse_size(amount) for name, _, amount in pairs}
    assert sum(owners.values()) == size, f"the owners of {size:,} B do not add up: {text}"
    return owners


def _owner(text: str) -> OwnerKey:
    """Read an owner: `deb gcc 12` is a package, anything else a directory."""
    kind, _, rest = text.partition(" ")
    if kind in _PACKAGES:
        name, _, version = rest.rpartition(" ")
        return OwnerKey(kind, name, version)
    return OwnerKey("directory", text if text.startswith("/") else f"/{text}")


def _wastes(index: int, step: str) -> list[WastedFile]:
    match = _STEP.fullmatch(step)
    return [
        WastedFile(f"{folder}/file", parse_size(size), int(lower) - 1, index, _WASTE_CAUSES[verb])
        for verb, size, lower, folder in _EFFECT.findall(match["effects"] if match else "")
    ]


def _tree(text: str, visible: int) -> dict[str, Any]:
    tree, origins = dict[str, Entry](), dict[str, int]()
    for file in text.split(", "):
        match = _FILE.fullmatch(file)
        assert match, f"{file!r} is not a file of an image"
        path, size = match["path"], parse_size(match["size"])
        tree[path] = Entry(
            path, EntryKind.FILE, size, content_hash=_digest(match["content"] or path)
        )
        if match["step"]:
            origins[path] = int(match["step"]) - 1
    rest = visible - sum(entry.size for entry in tree.values())
    assert rest >= 0, f"a container sees {visible:,} B, the tree is {-rest:,} B more"
    tree["usr/rest"] = Entry("usr/rest", EntryKind.FILE, rest, content_hash=_digest(f"{rest}"))
    return {"tree": tree, "layer_by_path": origins}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
