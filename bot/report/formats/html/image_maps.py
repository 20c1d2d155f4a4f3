"""The treemaps of images: by layer and folder, by package, before and after, and all images."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.compare.size_tree import make_size_tree
from bot.model.changes import LayerChangeKind
from bot.model.image import Image
from bot.model.report import ImageReport
from bot.model.size_parts import PartKind, SizePart, SizeTree
from bot.model.sizes import format_count, format_size
from bot.report import escape
from bot.report.formats.html.treemap import Tile, draw_treemap
from bot.report.page import image_facts

_HEIGHT, _ESTATE_HEIGHT, _MIN_HEIGHT = 440, 320, 60
_COLOURS = 8  # as many as page.css has; neighbours differ, as layers are drawn in their order
_LEAST_OF_ESTATE = 60  # smaller than in other maps: each tile is an image with a link
_STYLES = {PartKind.HIDDEN: "waste", PartKind.REST: "rest"}


@dataclass(frozen=True, slots=True)
class MapDetail:
    """The detail of an image's pictures.

    Tiles of less than `least` square pixels are joined; `listed` is the number of parts that are
    also listed as text.
    """

    least: int
    listed: int
    height: int = _HEIGHT
    levels: int = 6
    has_packages: bool = True


BRIEF = MapDetail(least=12_000, listed=0, height=160, levels=2, has_packages=False)


def draw_maps(report: ImageReport, number: int, detail: MapDetail) -> str:
    """Draw an image's parts, before and after side by side, and list the largest ones.

    `number` is that of the image on the page.
    """
    sides = _list_sides(report)
    if not sides or not any(image.unpacked_bytes for _, image in sides):
        return ""
    trees = [(label, image, _find_tree(image)) for label, image in sides]
    by_layer = [(label, tree.layers, image) for label, image, tree in trees]
    by_package = [(label, tree.packages, image) for label, image, tree in trees if tree.packages]
    colours = _choose_colours(report)
    views = [("layers and files", _draw_sides(by_layer, colours, detail))]
    # With packages on one side alone, the two pictures could not be compared.
    if len(by_package) == len(trees) and detail.has_packages:
        views.append(("packages", _draw_sides(by_package, {}, detail)))
    parts = _list_parts(trees[-1][2].layers, trees[-1][1], detail.listed) if detail.listed else ""
    legend = "" if detail is BRIEF else _describe_colours(trees)
    return f"<h3>Where the bytes are</h3>\n{legend}{_join_views(views, number)}{parts}"


def draw_estate(images: Sequence[ImageReport], links: Sequence[str]) -> str:
    """Draw all images that were measured as one picture, each linked to its details."""
    tiles = [
        Tile(
            image_facts.label(report).text,
            head.unpacked_bytes,
            style=f"verdict {report.verdict.value}",
            link=link,
        )
        for report, link in zip(images, links, strict=True)
        if (head := report.comparison.head) and head.unpacked_bytes
    ]
    if len(tiles) < 2:
        return ""
    total = format_size(sum(tile.bytes for tile in tiles))
    # As in the totals above it.
    at_least = "at least " if any(report.lacks_contents for report in images) else ""
    caption = f"{format_count(len(tiles), 'image')} by size: {at_least}{total} added up"
    picture = draw_treemap(tiles, caption, _ESTATE_HEIGHT, _LEAST_OF_ESTATE)
    return f'<figure class="estate"><figcaption>{caption}</figcaption>{picture}</figure>\n'


def _list_sides(report: ImageReport) -> list[tuple[str, Image]]:
    base, head = report.comparison.base, report.comparison.head
    labels = ("before", "after") if base and head else ("", "")
    return [(label, side) for label, side in zip(labels, (base, head), strict=True) if side]


def _find_tree(image: Image) -> SizeTree:
    """Return the tree of an image, or that of its layers alone, which were redacted."""
    if image.size_tree is not None:
        return image.size_tree
    layers = make_size_tree(image).layers
    return SizeTree(tuple(SizePart(x.kind, x.name, x.bytes, x.files, (), x.index) for x in layers))


def _choose_colours(report: ImageReport) -> dict[tuple[str, int], str]:
    """Choose a colour for each layer of both sides; a layer and its counterpart have the same."""
    comparison = report.comparison
    colours: dict[tuple[str, int], str] = {}
    for position, match in enumerate(comparison.layer_matches):
        style = f"c{position % _COLOURS}"
        is_new = match.kind in (LayerChangeKind.ADDED, LayerChangeKind.CHANGED)
        colours |= {("before", match.base_index): style} if match.base_index is not None else {}
        if match.head_index is not None:
            colours["after", match.head_index] = f"{style} changed" if is_new else style
    return colours


def _draw_sides(
    sides: Sequence[tuple[str, Sequence[SizePart], Image]],
    colours: dict[tuple[str, int], str],
    detail: MapDetail,
) -> str:
    """Draw one picture, or two of the same scale: equal areas are equal bytes."""
    largest = max(image.unpacked_bytes for _, _, image in sides) or 1
    figures = []
    for label, parts, image in sides:
        height = max(_MIN_HEIGHT, detail.height * image.unpacked_bytes // largest)
        tiles = [
            _make_tile(part, _choose_style(part, position, label, image, colours))
            for position, part in enumerate(parts)
        ]
        size = format_size(image.unpacked_bytes)
        caption = f"{label}: {size}" if label else size
        # Side by side, each picture has half of the page's width.
        least = detail.least * len(sides)
        picture = draw_treemap(tiles, f"Treemap, {caption}", height, least, detail.levels)
        figures.append(f"<figure><figcaption>{caption}</figcaption>{picture}</figure>\n")
    return f'<div class="sides">{"".join(figures)}</div>\n'


def _choose_style(
    part: SizePart, position: int, label: str, image: Image, colours: dict[tuple[str, int], str]
) -> str:
    # A report of somebody else may have a tree that names a layer which its image lacks.
    if part.kind is PartKind.PACKAGES or part.index is None or part.index >= len(image.layers):
        return f"c{position % _COLOURS}"
    base = " base" if image.layers[part.index].from_base_image else ""
    return colours.get((label, part.index), f"c{position % _COLOURS}") + base


def _make_tile(part: SizePart, style: str = "") -> Tile:
    name = part.name
    if part.kind is PartKind.REST:
        name = f"{part.files:,} smaller" if part.files > 1 else "smaller"
    return Tile(
        name,
        part.bytes,
        tuple(_make_tile(below) for below in part.parts),
        style or _STYLES.get(part.kind, ""),
    )


def _describe_colours(trees: Sequence[tuple[str, Image, SizeTree]]) -> str:
    """Say what the colours mean that are not those of the layers."""
    layers = [layer for _, image, _ in trees for layer in image.layers]
    kinds = {part.kind for _, _, tree in trees for top in tree.layers for part in top.walk()}
    texts = [
        "Areas are in proportion to bytes, each layer in a colour of its own",
        "the base image in grey" if any(layer.from_base_image for layer in layers) else "",
        "files that later layers hide in red" if PartKind.HIDDEN in kinds else "",
        "new and changed layers with a red edge" if len(trees) > 1 else "",
    ]
    return f'<p class="legend">{", ".join(text for text in texts if text)}.</p>\n'


def _join_views(views: Sequence[tuple[str, str]], number: int) -> str:
    """Join several pictures, of which radio buttons choose one; a single one needs none."""
    if len(views) == 1:
        return views[0][1]
    inputs = "".join(
        f'<input type="radio" name="view-{number}" id="view-{number}-{index}"'
        f'{"" if index else " checked"}><label for="view-{number}-{index}">By {name}</label>'
        for index, (name, _) in enumerate(views)
    )
    pictures = "".join(f'<div class="view">{picture}</div>\n' for _, picture in views)
    return (
        f'<div class="views" role="radiogroup" aria-label="Divided by">{inputs}{pictures}</div>\n'
    )


def _list_parts(layers: Sequence[SizePart], image: Image, listed: int) -> str:
    """List what the picture shows, the largest parts, for reading and for screen readers."""
    rows = [row for layer in layers for row in _walk(layer, _locate(layer, image))]
    rows.sort(key=lambda row: -row[1].bytes)
    total = image.unpacked_bytes or 1
    lines = "".join(
        f"<tr><td>{escape.html(where)}</td><td><code>{escape.html(part.name, 120)}</code></td>"
        f'<td class="n">{format_size(part.bytes)}</td>'
        f'<td class="n">{100 * part.bytes / total:.1f} %</td></tr>\n'
        for where, part in rows[:listed]
    )
    head = (
        '<thead><tr><th scope="col">in</th><th scope="col">name</th>'
        '<th scope="col" class="n">size</th><th scope="col" class="n">share</th>'
        "</tr></thead>"
    )
    return (
        f"<details><summary>The largest as a list</summary>\n"
        f'<div class="scroll"><table class="wide">{head}'
        f"<tbody>\n{lines}</tbody></table></div></details>\n"
    )


def _walk(part: SizePart, where: str) -> Iterator[tuple[str, SizePart]]:
    """Yield what a part consists of, with its place; a part without any yields itself."""
    if not part.parts:
        yield where, part
    for below in part.parts:
        is_place = below.parts and below.kind is not PartKind.REST
        location = f"{where}, {below.name}" if is_place else where
        yield from _walk(below, location)


def _locate(layer: SizePart, image: Image) -> str:
    if layer.index is None or layer.index >= len(image.layers):
        return ""
    measured = image.layers[layer.index]
    if measured.from_base_image:
        return "base image"
    lines = measured.instruction
    if lines is None:
        return f"layer {layer.index + 1}"
    return image_facts.format_lines(lines.line_start, lines.line_end)
