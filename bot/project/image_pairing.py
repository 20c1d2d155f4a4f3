"""The pairs of images of two revisions: what base and head declare of one image.

An image is known by its name and platform. What one side alone declares is paired by its
Dockerfile, since a limit on growth is worth nothing if a new name for an image makes a new image.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import PurePosixPath

from bot.model.image_identity import ImageIdentity
from bot.model.report import ImageState
from bot.model.spec import ImageSpec
from bot.project.image_plan import DeclaredImages, PlannedImage
from bot.project.renames import Rename

_IDENTICAL = 100  # git's similarity of equal files
_OTHER_PLATFORM = 2
_Clue = tuple[str, str | None]  # what kind of clue, and its text
RenamedStage = tuple[str, str, str]  # the Dockerfile, the stage in base, the stage in head


@dataclass(frozen=True, slots=True)
class PairingHints:
    """Facts beside the declarations: renames of files and stages, and the machine's own platform.

    An image without a platform is built for that of the machine.
    """

    renames: Sequence[Rename] = ()
    own_platform: str = ""
    renamed_stages: Collection[RenamedStage] = ()


@dataclass(frozen=True, slots=True, order=True)
class _Candidate:
    """Two declarations that may be of one image; the lowest rank is the best."""

    rank: tuple[int, ...]
    base: ImageSpec = field(compare=False)
    head: ImageSpec = field(compare=False)


def pair_images(
    base: DeclaredImages | None, head: DeclaredImages, hints: PairingHints = PairingHints()
) -> tuple[PlannedImage, ...]:
    """Pair the images of both sides, in the head's order; the removed ones follow.

    First by name and platform; then by name alone, by git's renames and by the same Dockerfile, the
    most similar first, each declaration once. Both sides of a pair are built for head's platform.
    """
    if base is None:
        return tuple(PlannedImage(None, spec, ImageState.NO_BASELINE) for spec in head.specs)
    # Without a fingerprint, base has no Dockerfile for it, and so no such image.
    old = {spec.key: spec for spec in base.specs if spec.key in base.fingerprints}
    head_keys = {spec.key for spec in head.specs}
    unpaired_base = [spec for key, spec in old.items() if key not in head_keys]
    unpaired_head = [spec for spec in head.specs if spec.key not in old]
    matches = _match(_Sides(base, head, hints), unpaired_base, unpaired_head)
    planned = [
        _plan_image(base, head, old.get(spec.key) or matches.get(spec.key), spec)
        for spec in head.specs
    ]
    paired = {spec.key for spec in matches.values()}
    removed = [spec for spec in unpaired_base if spec.key not in paired]
    return (*planned, *(PlannedImage(spec, None, ImageState.REMOVED) for spec in removed))


def name_removed_images(planned: Sequence[PlannedImage]) -> tuple[PlannedImage, ...]:
    """Return the plan with the names of removed images at each new one, which may be one of them.

    Nothing is known of an image that was neither paired nor is still there.
    """
    names = tuple(image.spec.name for image in planned if image.head is None)
    return tuple(
        replace(image, removed_beside=names) if image.state is ImageState.NEW else image
        for image in planned
    )


def identify_image(spec: ImageSpec) -> ImageIdentity:
    """Return what an image is called."""
    return ImageIdentity(spec.name, spec.dockerfile, spec.platform)


def _plan_image(
    base: DeclaredImages, head: DeclaredImages, old: ImageSpec | None, new: ImageSpec
) -> PlannedImage:
    if old is None:
        return PlannedImage(None, new, ImageState.NEW)
    same = base.fingerprints[old.key] == head.fingerprints.get(new.key)
    state = ImageState.UNCHANGED if same else ImageState.CHANGED
    if old.key == new.key:
        return PlannedImage(old, new, state)
    # Sizes of two platforms are not comparable, so that base is built for head's.
    return PlannedImage(
        replace(old, platform=new.platform), new, state, renamed_from=identify_image(old)
    )


class _Sides:
    """The declarations of both revisions, and how much two of them have in common."""

    def __init__(self, base: DeclaredImages, head: DeclaredImages, hints: PairingHints) -> None:
        self._base, self._head, self._own_platform = base, head, hints.own_platform
        self._renamed_stages = hints.renamed_stages
        # By content: git names one source for each file, and equal files are as good.
        self._similarities: dict[tuple[str | None, str | None], int] = {}
        for rename in hints.renames:
            contents = (base.tree.get(rename.old), head.tree.get(rename.new))
            highest = max(self._similarities.get(contents, 0), rename.similarity)
            self._similarities[contents] = highest
        self._sources: dict[str | None, set[str | None]] = {}
        for source, target in self._similarities:
            self._sources.setdefault(target, set()).add(source)

    def index(self, base: Sequence[ImageSpec]) -> Mapping[_Clue, Sequence[int]]:
        """Return the positions of base's declarations by what may lead to them."""
        positions: dict[_Clue, list[int]] = {}
        for position, old in enumerate(base):
            entry = self._base.tree.get(old.dockerfile)
            for clue in (("name", old.name), ("path", old.dockerfile), ("entry", entry)):
                positions.setdefault(clue, []).append(position)
        return positions

    def list_clues(self, new: ImageSpec) -> Sequence[_Clue]:
        """Return what leads to all that `rank` may take for the same image."""
        content = self._head.tree.get(new.dockerfile)
        sources = self._sources.get(content, ())
        contents = {content, *sources} if content else sources
        return ("name", new.name), ("path", new.dockerfile), *(("entry", x) for x in contents)

    def rank(self, old: ImageSpec, new: ImageSpec) -> tuple[int, ...] | None:
        """Return how unlike two declarations are; None if they are of two images."""
        platform_distance = self._compare_platforms(old.platform, new.platform)
        similarity = self._compare_dockerfiles(old, new)
        has_same_name = old.name == new.name
        is_alike = platform_distance < _OTHER_PLATFORM and self._is_same_stage(old, new)
        if not has_same_name and (similarity is None or not is_alike):
            return None
        same = self._base.fingerprints.get(old.key) == self._head.fingerprints.get(new.key)
        return (
            not has_same_name,
            not same,
            -(similarity or 0),
            -_count_shared_folders(old.dockerfile, new.dockerfile),
            platform_distance,
            old.build_args != new.build_args,
        )

    def _is_same_stage(self, old: ImageSpec, new: ImageSpec) -> bool:
        if old.dockerfile != new.dockerfile or old.target == new.target:
            return old.target == new.target
        return (old.dockerfile, old.target, new.target) in self._renamed_stages

    def _compare_dockerfiles(self, old: ImageSpec, new: ImageSpec) -> int | None:
        """Return how similar two Dockerfiles are, in percent; None if git sees no rename."""
        contents = (self._base.tree.get(old.dockerfile), self._head.tree.get(new.dockerfile))
        if old.dockerfile == new.dockerfile or (contents[0] and contents[0] == contents[1]):
            return _IDENTICAL
        return self._similarities.get(contents)

    def _compare_platforms(self, old: str | None, new: str | None) -> int:
        """Return 0 for the same platform, 1 if one side names the machine's own, else 2."""
        if old == new:
            return 0
        return 1 if {old, new} == {None, self._own_platform} else _OTHER_PLATFORM


def _match(
    sides: _Sides, base: Sequence[ImageSpec], head: Sequence[ImageSpec]
) -> Mapping[tuple[str, str | None], ImageSpec]:
    """Return base's declaration for the keys of head's, the best candidates first."""
    positions = sides.index(base)
    # Only pairs with a clue are ranked: 2,500 moved images were compared each with each.
    candidates = [
        # The positions make the order total, so that equal ranks pair the same way in each run.
        _Candidate((*rank, base_position, head_position), old, new)
        for head_position, new in enumerate(head)
        for base_position in {x for clue in sides.list_clues(new) for x in positions.get(clue, ())}
        if (rank := sides.rank(old := base[base_position], new)) is not None
    ]
    matches: dict[tuple[str, str | None], ImageSpec] = {}
    paired_keys: set[tuple[str, str | None]] = set()
    for candidate in sorted(candidates):
        if candidate.base.key not in paired_keys and candidate.head.key not in matches:
            paired_keys.add(candidate.base.key)
            matches[candidate.head.key] = candidate.base
    return matches


def _count_shared_folders(old: str, new: str) -> int:
    """Return how many folders two paths share, counted from both ends."""
    parts = [PurePosixPath(path).parent.parts for path in (old, new)]
    shared = 0
    for direction in (1, -1):
        pairs = zip(parts[0][::direction], parts[1][::direction], strict=False)
        shared += sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return shared
