"""Suggests what to change in the line that grew, where its cause is known."""

import re

from bot.model.changes import LayerEffectKind
from bot.model.comparison import Attribution, GrowthCause
from bot.model.image import Layer
from bot.model.report import ImageReport
from bot.model.sizes import format_size
from bot.report.page import image_facts
from bot.report.page.causes import has_base_drifted
from bot.report.page.growth_savings import list_caches
from bot.report.page.hidden_bytes import find_hidden_bytes
from bot.report.page.layer_notes import (
    CHANGES_OWNER_OR_MODE,
    is_explained_by_effect,
    locate_layer,
)
from bot.report.page.page_model import Phrase, Untrusted

_MIN_SHARE_DIVISOR = 20  # a smaller part of what the line adds is no fix
_APT_LISTS = "/var/lib/apt/lists"
_DRIFTED_TEXT = "this change did not cause it: pin the base image to a digest to choose its updates"


def suggest_for_cause(image: ImageReport, row: Attribution) -> Phrase:
    """Say how the line of a row adds less; empty if its cause is not known."""
    if row.cause is GrowthCause.BASE_IMAGE:
        return _suggest_base_image(image, row)
    if not row.line_start:
        return ()
    return (
        _suggest_for_effect(image, row)
        or _suggest_for_hidden_bytes(image, row)
        or _suggest_for_cache(image, row)
    )


def _suggest_base_image(image: ImageReport, row: Attribution) -> Phrase:
    if has_base_drifted(row):
        return (_DRIFTED_TEXT,)
    base = image.comparison.base
    layers = [layer for layer in base.layers if layer.from_base_image] if base else []
    source = next((layer.instruction for layer in layers if layer.instruction), None)
    # A variable has another value now, which the text does not show.
    if source is None or source.text == row.text or "$" in source.text:
        return ()
    saving = format_size(row.delta_bytes)
    return ("use ", Untrusted(source.text, 120), f" as before, which saves {saving}")


def _suggest_for_effect(image: ImageReport, row: Attribution) -> Phrase:
    """Suggest to write files once, with their owner, their mode and their path."""
    head = image.comparison.head
    if head is None or not is_explained_by_effect(row):
        return ()
    effect = row.effects[0]
    origin = head.layers[effect.affected_layer or 0]
    lines, saving = _format_row(row), f" (saves {format_size(effect.bytes)})"
    if origin.from_base_image or not origin.instruction:
        return ()
    at_origin = locate_layer(head, origin.index)
    if effect.kind is LayerEffectKind.MOVED:
        return (
            f"write the files to their last path in {at_origin}, not move them in {lines}",
            saving,
        )
    if not CHANGES_OWNER_OR_MODE.search(row.text):
        return ()
    option = " with --chown or --chmod" if _is_copy(origin) else ""
    return (f"set owner and mode in {at_origin}{option}, not in {lines}{saving}",)


def _suggest_for_hidden_bytes(image: ImageReport, row: Attribution) -> Phrase:
    hidden, head = find_hidden_bytes(image, row), image.comparison.head
    if hidden is None or head is None:
        return ()
    path, lines = Untrusted(hidden.group.path, 120), _format_row(row)
    later = locate_layer(head, hidden.group.hiding_layer)
    saving = f" (saves {format_size(hidden.bytes)})"
    shipping = head.layers[hidden.group.shipping_layer]
    if hidden.verb == "replaces":
        return ("write ", path, f" only once, in {later}, not in {lines}{saving}")
    if not _is_copy(shipping):
        return ("remove ", path, f" in {lines} itself, not in {later}{saving}")
    if "--from" in row.text:
        return ("do not copy ", path, f" in {lines}{saving}")
    return ("leave the source of ", path, f" out of {lines} with a .dockerignore{saving}")


def _suggest_for_cache(image: ImageReport, row: Attribution) -> Phrase:
    """Suggest to remove the largest cache that a command leaves behind, and to look at the rest."""
    caches = [
        owner
        for owner in list_caches(row)
        if owner.delta_bytes * _MIN_SHARE_DIVISOR >= row.delta_bytes > 0
        if not (owner.name == _APT_LISTS and _installs_later(image, row))
    ]
    largest = max(caches, key=lambda owner: owner.delta_bytes, default=None)
    if largest is None or not row.text.startswith("RUN"):
        return ()
    lines, file = _format_row(row), Untrusted(image.spec.dockerfile, 120)
    saving = f" (saves {format_size(largest.delta_bytes)})"
    has_rest = format_size(largest.delta_bytes) != format_size(row.delta_bytes)
    rest = ", and look at what else it adds" if has_rest else ""
    name = Untrusted(largest.name, 120)
    return ("remove ", name, f" at the end of {lines} of ", file, saving, rest)


def _installs_later(image: ImageReport, row: Attribution) -> bool:
    """Return True if a later line may install packages of the lists that a line has fetched."""
    head = image.comparison.head
    sources = [layer.instruction for layer in head.layers] if head else []
    texts = [x.text for x in sources if x and x.line_start > (row.line_end or 0)]
    return any(re.search(r"\bapt(?:-get|itude)?\b", text) for text in texts)


def _format_row(row: Attribution) -> str:
    return image_facts.format_lines(row.line_start, row.line_end)


def _is_copy(layer: Layer) -> bool:
    return layer.instruction is not None and layer.instruction.keyword.upper() in ("COPY", "ADD")
