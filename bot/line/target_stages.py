"""The stages that images are built of, in the Dockerfiles of both revisions."""

from collections.abc import Collection, Mapping

from bot.line.dockerfiles import Dockerfiles
from bot.model.spec import ImageSpec
from bot.project.image_pairing import RenamedStage
from bot.project.image_plan import DeclaredImages


class TargetStages:
    """Finds the stages of images."""

    def __init__(self, dockerfiles: Dockerfiles) -> None:
        self._dockerfiles = dockerfiles

    def is_missing(self, sha: str, spec: ImageSpec) -> bool:
        """Return True if an image's Dockerfile has no stage of its target in a commit.

        One that cannot be read there may have any.
        """
        if spec.target is None:
            return False
        plan = self._dockerfiles.bind(sha, spec)
        return plan is not None and plan.dockerfile.find_stage(spec.target) is None

    def find_renamed(
        self, base: tuple[str, DeclaredImages], head: tuple[str, DeclaredImages]
    ) -> frozenset[RenamedStage]:
        """Return the stages that have another name in head, each side a commit and its images.

        A stage of base is gone then, and head builds the only new one of the same Dockerfile.
        """
        dropped, added = self._list_lone(base, head), self._list_lone(head, base)
        return frozenset(
            (path, min(dropped[path]), min(added[path]))
            for path in dropped.keys() & added.keys()
            # Of several, nobody knows which one became which.
            if len(dropped[path]) == len(added[path]) == 1
        )

    def _list_lone(
        self, side: tuple[str, DeclaredImages], other: tuple[str, DeclaredImages]
    ) -> Mapping[str, Collection[str]]:
        """Return the stages of a side's images that the same Dockerfiles of the other side lack."""
        keys = {spec.key for spec in other[1].specs}
        stages: dict[str, set[str]] = {}
        for spec in side[1].specs:
            if spec.target and spec.key not in keys and self.is_missing(other[0], spec):
                stages.setdefault(spec.dockerfile, set()).add(spec.target)
        return stages
