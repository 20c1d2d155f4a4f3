"""Explains the growth from one image to another, byte for byte.

One row for the base image as a whole, one for each pair of layers that differ: every layer of either
image is in exactly one of them, so the rows add up to the whole difference.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from bot.compare.layer_effects import notes
from bot.compare.layer_pairs import Pair, classify, inherited_layers, own_layers, pair_layers
from bot.compare.owner_changes import Versions, owners, versions
from bot.image.build_history import normalise
from bot.model.changes import LayerClass, Note, Remark
from bot.model.comparison import Attribution, Cause, Owner
from bot.model.image import Image, Instruction, Layer


def attribute(base: Image, head: Image, moved: Container[str] = ()) -> tuple[Attribution, ...]:
    """The causes of growth, the largest first. Their `delta_bytes` sum to the unpacked growth.

    `moved` are the paths of files of base that head has under another one.
    """
    rows = list(_Sides(base, head, moved).rows())
    return tuple(sorted(rows, key=lambda row: -abs(row.delta_bytes)))


class _Sides:
    """Both images, and what a row may need to know of the whole of them."""

    def __init__(self, base: Image, head: Image, moved: Container[str]) -> None:
        self._base, self._head = base, head
        self._in_base: Versions = versions(base.layers)
        self._in_head: Versions = versions(head.layers)
        self._notes: Mapping[int, tuple[Note, ...]] = notes(head.wastes, moved)

    def rows(self) -> Iterator[Attribution]:
        """A row for the base image if it is another, then one for each layer that is."""
        yield from self._base_image_row()
        for pair in pair_layers(own_layers(self._base), own_layers(self._head)):
            if classify(pair) is not LayerClass.SAME:
                yield self._row(pair)

    def _base_image_row(self) -> Iterator[Attribution]:
        """The base image as a whole: only another `FROM` can change what lies inside."""
        old, new = inherited_layers(self._base), inherited_layers(self._head)
        if [layer.diff_id for layer in old] == [layer.diff_id for layer in new]:
            return
        before, after = _origin(old), _origin(new)
        source = after or before
        yield Attribution(
            cause=Cause.BASE_IMAGE,
            text=source.text if source else "the base image",
            delta_bytes=_total(new) - _total(old),
            owners=self._owners(old, new),
            line_start=source.line_start if source else None,
            line_end=source.line_end if source else None,
            side="head" if new else "base",
            notes=(Note(Remark.DRIFTED),) if _same_name(before, after) else (),
        )

    def _row(self, pair: Pair) -> Attribution:
        old, new = ([layer] if layer else [] for layer in pair)
        (shown,) = new or old
        rebuilt = classify(pair) is LayerClass.REBUILT
        lines = shown.instruction
        return Attribution(
            cause=Cause.REBUILT if rebuilt else Cause.INSTRUCTION,
            text=lines.text if lines else normalise(shown.created_by),
            delta_bytes=_total(new) - _total(old),
            owners=self._owners(old, new),
            line_start=lines.line_start if lines else None,
            line_end=lines.line_end if lines else None,
            side="head" if new else "base",
            notes=self._notes.get(shown.index, ()) if new and not rebuilt else (),
        )

    def _owners(self, old: Sequence[Layer], new: Sequence[Layer]) -> tuple[Owner, ...]:
        return owners(old, new, self._in_base, self._in_head)


def _origin(inherited: Iterable[Layer]) -> Instruction | None:
    """The `FROM` that brought these layers."""
    return next((layer.instruction for layer in inherited if layer.instruction), None)


def _same_name(before: Instruction | None, after: Instruction | None) -> bool:
    """Whether both `FROM` name the same image; a variable in the name may stand for another."""
    if before is None or after is None or "$" in after.text:
        return False
    return _without_alias(before.text) == _without_alias(after.text)


def _without_alias(text: str) -> list[str]:
    """The words of a `FROM`, without the name that the stage is given."""
    words = text.split()
    return words[:-2] if len(words) > 3 and words[-2].upper() == "AS" else words


def _total(layers: Iterable[Layer]) -> int:
    return sum(layer.unpacked_bytes for layer in layers)
