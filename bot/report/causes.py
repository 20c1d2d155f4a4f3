"""Why an image weighs what it weighs: the largest cause, where it stands, and whose bytes they are."""

from collections.abc import Sequence

from bot.core.history import normalise
from bot.core.model import Attribution, Cause, Image, ImageReport, Layer, Metric, Owner, State
from bot.core.sizes import show_change, show_size
from bot.report import facts
from bot.report.parts import Foreign, Phrase, count, join

_NAMED = 2


def main_cause(image: ImageReport, *, head_only: bool = False) -> Attribution | None:
    """The row that moved the size most in the direction in which it moved."""
    delta = image.comparison.delta
    if delta is None or delta.unpacked_bytes == 0:
        return None
    sign = 1 if delta.unpacked_bytes > 0 else -1
    rows = [row for row in image.comparison.attribution if row.delta_bytes * sign > 0]
    rows = [row for row in rows if row.side == "head"] if head_only else rows
    return max(rows, key=lambda row: abs(row.delta_bytes), default=None)


def explain_change(image: ImageReport) -> Phrase:
    """One sentence on what moved the size; empty for an image of one side."""
    row = main_cause(image)
    if row is None:
        return _no_change(image)
    other = image.spec.budget.metric is not Metric.UNPACKED
    return (*_place(row), *_effect(row, " unpacked" if other else ""), *_parts(row))


def explain_size(image: ImageReport) -> Phrase:
    """One sentence on the heaviest part of an image."""
    measured = facts.standing(image)
    if measured is None or not measured.layers:
        return ("it has no layers",)
    inherited = [layer for layer in measured.layers if layer.from_base_image]
    own = [layer for layer in measured.layers if not layer.from_base_image]
    heaviest = max(own, key=lambda layer: layer.unpacked_bytes, default=None)
    below = sum(layer.unpacked_bytes for layer in inherited)
    if heaviest is None or below > heaviest.unpacked_bytes:
        of = show_size(measured.unpacked_bytes)
        return (f"its base image brings {show_size(below)} of its {of}", *_origin(inherited))
    return ("its heaviest layer is ", *_layer(heaviest), f", {_share(heaviest, measured)}")


def where(row: Attribution) -> str:
    """`line 7`, or `line 7 of the base's Dockerfile` for an instruction that head has lost."""
    place = facts.lines(row.line_start, row.line_end)
    return f"{place} of the base's Dockerfile" if place and row.side == "base" else place


def owner_name(owner: Owner) -> Phrase:
    """An owner with its versions, where it has any."""
    name = Foreign(owner.name, 80)
    old, new = owner.base_version, owner.head_version
    if old and new and old != new:
        return (name, " ", Foreign(old, 30), " → ", Foreign(new, 30))
    return (name, " ", Foreign(new or old or "", 30)) if new or old else (name,)


def _place(row: Attribution) -> Phrase:
    place, text = where(row), Foreign(row.text, 120)
    if row.cause is Cause.BASE_IMAGE:
        return ("another base image, ", text, *((f" ({place})",) if place else ()), ",")
    return (place, ", ", text, ",") if place else (text, ",")


def _effect(row: Attribution, unit: str) -> Phrase:
    size = show_size(abs(row.delta_bytes)) + unit
    if row.delta_bytes > 0:
        return (f" adds {size}",)
    return (f" is gone, and {size} with it",) if row.side == "base" else (f" saves {size}",)


def _parts(row: Attribution) -> Phrase:
    """The largest owners that moved as the row did, and whether they make up most of it."""
    alike = [owner for owner in row.owners if owner.delta_bytes * row.delta_bytes > 0]
    named = sorted(alike, key=lambda owner: -abs(owner.delta_bytes))[:_NAMED]
    if not named:
        return ()
    moved = sum(owner.delta_bytes for owner in named)
    if len(named) == 1 and moved == row.delta_bytes:
        return (", all of it ", *_owner(named[0]))
    how = "most of it " if abs(moved) * 2 >= abs(row.delta_bytes) else "the largest part "
    owners: list[Phrase] = [
        (*_owner(owner), f" ({show_change(owner.delta_bytes)})") for owner in named
    ]
    return (", ", how, *join(owners, ", ", " and "))


def _owner(owner: Owner) -> Phrase:
    name = Foreign(owner.name, 80)
    return ("in ", name) if owner.kind == "directory" else (name,)


def _no_change(image: ImageReport) -> Phrase:
    rows = image.comparison.attribution
    rebuilt = sum(row.cause is Cause.REBUILT for row in rows)
    if image.state is State.UNCHANGED or not rows:
        return ("both sides have the same layers",)
    if rebuilt == len(rows):
        return (f"{count(rebuilt, 'layer')} rebuilt with the same content",)
    return (
        ("what was built anew is as large as before",)
        if not any(row.delta_bytes for row in rows)
        else ("what was added and what was saved cancel out",)
    )


def _origin(inherited: Sequence[Layer]) -> Phrase:
    source = next((layer.instruction for layer in inherited if layer.instruction), None)
    if source is None:
        return ()
    return (
        " (",
        Foreign(source.text, 120),
        f", {facts.lines(source.line_start, source.line_end)})",
    )


def _layer(layer: Layer) -> Phrase:
    lines = layer.instruction
    if lines is None:
        return (Foreign(normalise(layer.created_by), 120),)
    place = facts.lines(lines.line_start, lines.line_end)
    return (f"{place}, ", Foreign(lines.text, 120))


def _share(layer: Layer, measured: Image) -> str:
    return f"with {show_size(layer.unpacked_bytes)} of {show_size(measured.unpacked_bytes)}"
