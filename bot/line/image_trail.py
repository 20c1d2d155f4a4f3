"""One image back through the commits, whatever it was called then."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.line.commit_plans import CommitPlans
from bot.model.report import ImageState
from bot.project.image_plan import PlannedImage
from bot.since.track import Track

ImageNameAndPlatform = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class _Step:
    """The image at one commit, beside its parent; `parent_key` is None where it is new."""

    matters: bool
    parent_key: ImageNameAndPlatform | None


class ImageTrail:
    """The port `CandidateFinder` on plans, which are made where they are needed.

    `recorded_names` are the names that an image has at positions with a record.
    """

    def __init__(
        self,
        plans: CommitPlans,
        planned: PlannedImage,
        track: Track,
        recorded_names: Mapping[int, str],
        show: Callable[[int], None],
    ) -> None:
        self._plans, self._track, self._show = plans, track, show
        spec = planned.spec
        # The image as it is declared at some positions, beside those that planned it.
        self._declared = {track.last: (spec, has_own_base(planned))}
        self._steps: dict[int, _Step] = {}
        self._keys: dict[int, ImageNameAndPlatform] = {
            position: (name, spec.platform) for position, name in recorded_names.items()
        }
        self._keys[track.last] = spec.key

    def find(self, start: int, end: int) -> Sequence[int]:
        """Return the positions behind `start`, up to `end`, at which a commit can matter."""
        # From the newest back: the plan of a commit shows under which name its parent has the
        # image.
        for position in range(end, max(start, self._track.first), -1):
            self._plan(position)
        return self._list_planned(start, end)

    def get_planned(self, start: int, end: int) -> Sequence[int] | None:
        """Return the same as far as it was planned before; None if it was not."""
        positions = range(max(start, self._track.first) + 1, end + 1)
        if any(position not in self._steps for position in positions):
            return None
        return self._list_planned(start, end)

    def find_key(self, position: int) -> ImageNameAndPlatform:
        """Return the name and platform of the image at a commit that has it."""
        newest = next(x for x in range(position, self._track.last + 1) if x in self._keys)
        for newer in range(newest, position, -1):
            if newer > self._track.first:
                self._plan(newer)
        return self._keys.get(position, self._keys[newest])

    def set_key(self, position: int, key: ImageNameAndPlatform) -> None:
        """Take an image for the same one as at the newest commit."""
        self._keys.setdefault(position, key)

    def _list_planned(self, start: int, end: int) -> Sequence[int]:
        positions = range(max(start, self._track.first) + 1, end + 1)
        return [x for x in positions if x in self._steps and self._steps[x].matters]

    def _plan(self, position: int) -> None:
        """Compare a commit with its parent; where the image is new, its track starts there."""
        if position in self._steps or position <= self._track.first:
            return
        key = self.find_key(position)
        if not self._is_concerned(position):
            self._steps[position] = _Step(matters=False, parent_key=key)
            self._declared[position - 1] = self._declared[position]
            self._keys.setdefault(position - 1, key)
            return
        self._show(position)
        planned = select_planned(self._plans.compare(position - 1, position), key)
        step = _make_step(planned)
        self._steps[position] = step
        if planned and planned.base:
            self._declared[position - 1] = (planned.base, has_own_base(planned))
        if step.parent_key is None:
            self._track.start_at(position)
        else:
            self._keys.setdefault(position - 1, step.parent_key)

    def _is_concerned(self, position: int) -> bool:
        """Return False if the paths that a commit changes cannot be of the image."""
        if position not in self._declared:
            return True
        spec, has_base = self._declared[position]
        return self._plans.concerns(position, spec, has_own_base=has_base)


def has_own_base(planned: PlannedImage) -> bool:
    """Return True if an image of the repository is, or may be, the base image on either side."""
    chains = (planned.head_chain, planned.base_chain)
    links = [link for chain in chains if chain for link in chain.links]
    return bool(links) or bool(planned.possible_bases)


def select_planned(
    planned: Sequence[PlannedImage], key: ImageNameAndPlatform
) -> PlannedImage | None:
    """Return the image of a name and platform that a commit declares; else one of the name alone.

    Its platforms may have been declared in another way then.
    """
    for image in planned:
        if image.head and image.head.key == key:
            return image
    return next((x for x in planned if x.head and x.head.name == key[0]), None)


def _make_step(image: PlannedImage | None) -> _Step:
    if image is None or image.base is None or image.state is ImageState.NEW:
        return _Step(matters=True, parent_key=None)
    old = image.renamed_from
    key = (old.name, old.platform) if old else image.base.key
    return _Step(image.state is not ImageState.UNCHANGED, key)
