"""Dockerfiles that have another path in head, found by git's renames.

One may move to where no image is declared: into a folder that discovery leaves out, or to a name
that no Dockerfile has.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from bot.line.ports import Git
from bot.model.report import ImageState
from bot.project.file_tree import index_tree
from bot.project.git_tree import GitTree
from bot.project.image_plan import DeclaredImages, PlannedImage, has_dockerfile_name
from bot.project.renames import Rename

# Paths of one call of git, well below the limit on a command line.
_BATCH_SIZE = 500


@dataclass(frozen=True, slots=True)
class RenameFinder:
    """A finder of the Dockerfiles that were renamed between two revisions."""

    git: Git
    base_sha: str
    head_sha: str

    def find_declared(self, base: DeclaredImages, head: DeclaredImages) -> tuple[Rename, ...]:
        """Return the renames between the Dockerfiles that one side alone declares."""
        base_keys = base.fingerprints.keys()
        head_keys = {spec.key for spec in head.specs}
        sources = {spec.dockerfile for spec in base.specs if spec.key in base_keys - head_keys}
        targets = {spec.dockerfile for spec in head.specs if spec.key not in base_keys}
        return self._find(sources - head.tree.keys(), sorted(targets - base.tree.keys()))

    def find_moves(
        self, base: DeclaredImages, head: DeclaredImages, planned: Sequence[PlannedImage]
    ) -> dict[str, str]:
        """Return where the Dockerfiles of removed images are now, if anywhere.

        Names of Dockerfiles go before all others.
        """
        removed = {image.spec.dockerfile for image in planned if image.head is None}
        sources = removed - head.tree.keys()
        if not sources:
            return {}
        declared = {spec.dockerfile for spec in head.specs}
        changed = index_tree(head.tree).list_changes(index_tree(base.tree))
        added = [x for x in changed if x not in base.tree and x not in declared]
        moves: dict[str, str] = {}
        for has_name in (True, False):
            targets = [path for path in added if has_dockerfile_name(path) is has_name]
            renames = sorted(self._find(sources - moves.keys(), targets))
            moves |= {rename.old: rename.new for rename in renames}  # the most similar is the last
        return moves

    def find_origins(
        self, base: DeclaredImages, head: DeclaredImages, planned: Sequence[PlannedImage]
    ) -> dict[str, str]:
        """Return where the Dockerfiles of new images were in base, if base declares none there.

        Or if base declares one that was rewritten: its content is in the new file then.
        """
        new = {image.spec.dockerfile for image in planned if image.state is ImageState.NEW}
        targets = (new & head.tree.keys()) - base.tree.keys()
        if not targets:
            return {}
        declared = {spec.dockerfile for spec in base.specs} - head.tree.keys()
        changed = index_tree(base.tree).list_changes(index_tree(head.tree))
        older = {path for path in changed if path in base.tree and path not in declared}
        sources = set(filter(has_dockerfile_name, older))
        origins = {rename.new: rename.old for rename in self._find(sources, sorted(targets))}
        contents = {base.tree[path]: path for path in sorted(sources, reverse=True)}
        identical = {path: contents.get(head.tree[path]) for path in targets}
        return {**{path: old for path, old in identical.items() if old}, **origins}

    def find_moved(
        self, trees: tuple[GitTree, GitTree], pairs: Collection[tuple[str, str]]
    ) -> frozenset[tuple[str, str]]:
        """Return the pairs of paths that are one file, which git sees as moved.

        Of several equal files nobody knows which one is where.
        """
        base, head = trees
        moves = [pair for pair in pairs if pair[0] not in head and pair[1] not in base]
        contents = Counter(base.get(old) for old in {old for old, _ in moves})
        sources = {old for old, _ in moves if contents[base.get(old)] == 1}
        renames = self._find(sources, sorted({new for _, new in moves})) if sources else ()
        return frozenset(
            (old, new)
            for old, new in moves
            if old in sources
            and (base.get(old) == head.get(new) or (old, new) in {(x.old, x.new) for x in renames})
        )

    def _find(self, sources: Collection[str], targets: Sequence[str]) -> tuple[Rename, ...]:
        return tuple(
            rename
            for batch in _split(sorted(sources))
            for other_batch in _split(targets)
            for rename in self.git.find_renames(
                self.base_sha, self.head_sha, [*batch, *other_batch]
            )
        )


def _split(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(paths), _BATCH_SIZE):
        yield paths[start : start + _BATCH_SIZE]
