"""Attribution of the growth from one image to another, byte for byte.

One row for the base image as a whole, one for each pair of layers that differ: every layer of
either image is in exactly one of them, so the rows add up to the whole difference.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from bot.compare.layer_effects import drop_earlier_effects, find_layer_effects
from bot.compare.layer_pairs import (
    LayerPair,
    base_image_layers,
    classify_pair,
    own_layers,
    pair_layers,
)
from bot.compare.owner_changes import PackageVersions, collect_versions, compare_owners
from bot.image.build_history import normalise_created_by
from bot.model.changes import LayerChangeKind, LayerEffect, LayerEffectKind
from bot.model.comparison import Attribution, BaseOrHead, GrowthCause, Owner
from bot.model.image import Image, InstructionRef, Layer


def attribute_growth(
    base: Image, head: Image, moved_paths: Container[str] = ()
) -> tuple[Attribution, ...]:
    """Return the causes of growth, the largest first.

    Their `delta_bytes` sum to the unpacked growth. `moved_paths` are the paths of files of base
    that head has under another one.
    """
    rows = list(_AttributionBuilder(base, head, moved_paths).build_rows())
    return tuple(sorted(rows, key=lambda row: -abs(row.delta_bytes)))


class _AttributionBuilder:
    """Both images, and what the rows need from the whole of them."""

    def __init__(self, base: Image, head: Image, moved_paths: Container[str]) -> None:
        self._base, self._head = base, head
        self._base_versions: PackageVersions = collect_versions(base.layers)
        self._head_versions: PackageVersions = collect_versions(head.layers)
        self._layer_effects: Mapping[int, tuple[LayerEffect, ...]] = find_layer_effects(
            head.wasted_files, moved_paths
        )
        self._base_effects = find_layer_effects(base.wasted_files, ())
        self._pairs = list(pair_layers(own_layers(base), own_layers(head)))
        self._groups = _number_counterparts(base, head, self._pairs)

    def build_rows(self) -> Iterator[Attribution]:
        """Yield a row for a changed base image, then one for each changed layer."""
        yield from self._build_base_image_row()
        for pair in self._pairs:
            if classify_pair(pair) is not LayerChangeKind.SAME:
                yield self._build_layer_row(pair)

    def _build_base_image_row(self) -> Iterator[Attribution]:
        """Yield one row for the base image: only another `FROM` can change its content."""
        old, new = base_image_layers(self._base), base_image_layers(self._head)
        if [layer.diff_id for layer in old] == [layer.diff_id for layer in new]:
            return
        before, after = _find_from_instruction(old), _find_from_instruction(new)
        source = after or before
        drifted = _is_same_base_name(before, after)
        yield Attribution(
            cause=GrowthCause.BASE_IMAGE,
            text=source.text if source else "the base image",
            delta_bytes=_sum_unpacked_bytes(new) - _sum_unpacked_bytes(old),
            owners=self._compare_owners(old, new),
            line_start=source.line_start if source else None,
            line_end=source.line_end if source else None,
            side=BaseOrHead.HEAD if new else BaseOrHead.BASE,
            effects=(LayerEffect(LayerEffectKind.DRIFTED),) if drifted else (),
        )

    def _build_layer_row(self, pair: LayerPair) -> Attribution:
        old, new = ([layer] if layer else [] for layer in pair)
        (shown,) = new or old
        rebuilt = classify_pair(pair) is LayerChangeKind.REBUILT
        instruction = shown.instruction
        return Attribution(
            cause=GrowthCause.REBUILT if rebuilt else GrowthCause.INSTRUCTION,
            text=instruction.text if instruction else normalise_created_by(shown.created_by),
            delta_bytes=_sum_unpacked_bytes(new) - _sum_unpacked_bytes(old),
            owners=self._compare_owners(old, new),
            line_start=instruction.line_start if instruction else None,
            line_end=instruction.line_end if instruction else None,
            side=BaseOrHead.HEAD if new else BaseOrHead.BASE,
            effects=self._find_effects(pair) if new and not rebuilt else (),
        )

    def _find_effects(self, pair: LayerPair) -> tuple[LayerEffect, ...]:
        """Return the effects of head's layer that base's layer of the same row does not have."""
        base, head = pair
        effects = self._layer_effects.get(head.index, ()) if head else ()
        earlier = self._base_effects.get(base.index, ()) if base else ()
        return drop_earlier_effects(effects, earlier, self._groups)

    def _compare_owners(self, old: Sequence[Layer], new: Sequence[Layer]) -> tuple[Owner, ...]:
        return compare_owners(old, new, self._base_versions, self._head_versions)


def _number_counterparts(
    base: Image, head: Image, pairs: Sequence[LayerPair]
) -> tuple[dict[int, int], dict[int, int]]:
    """Return the numbers of the layers by index; pairs have one, and so has each base image."""
    sides = tuple({layer.index: 0 for layer in base_image_layers(image)} for image in (base, head))
    for number, pair in enumerate(pairs, 1):
        for side, layer in zip(sides, pair, strict=True):
            if layer is not None:
                side[layer.index] = number
    return sides[0], sides[1]


def _find_from_instruction(layers: Iterable[Layer]) -> InstructionRef | None:
    """Return the `FROM` that added these layers."""
    return next((layer.instruction for layer in layers if layer.instruction), None)


def _is_same_base_name(before: InstructionRef | None, after: InstructionRef | None) -> bool:
    """Return True if both `FROM` name the same image.

    A variable in the name may have another value.
    """
    # Then another value of the variable may be the reason, and nobody has rebuilt an image.
    if before is None or after is None or "$" in after.text:
        return False
    return _strip_stage_alias(before.text) == _strip_stage_alias(after.text)


def _strip_stage_alias(text: str) -> list[str]:
    """Return the words of a `FROM` without the name of the stage."""
    words = text.split()
    return words[:-2] if len(words) > 3 and words[-2].upper() == "AS" else words


def _sum_unpacked_bytes(layers: Iterable[Layer]) -> int:
    return sum(layer.unpacked_bytes for layer in layers)
