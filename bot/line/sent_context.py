"""The content that a build context sends in one revision, compared with little work."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from bot.dockerfile.dockerignore import TooCostlyError
from bot.project.context_digest import IgnoreRules, digest_context, has_sent_changes
from bot.project.file_tree import FileTree


@dataclass(frozen=True, slots=True)
class SentRules:
    """The rules of a context; without `rules` nothing is left out.

    `text` identifies them. With an illegal ignore file no build works.
    """

    text: bytes = b""
    rules: IgnoreRules | None = None
    is_illegal: bool = False


class SentContext:
    """The files and folders that a context sends; equal ones are made of the same.

    Images that share a context and its ignore file share it, and so the work. Where both revisions
    have the same rules, only what differs between their trees is matched; else all files are.
    """

    def __init__(
        self, tree: FileTree, sha: str, context: str, read_rules: Callable[[], SentRules]
    ) -> None:
        self._tree, self._sha, self._context = tree, sha, context
        self._read_rules = read_rules
        self._answers: dict[int, tuple[SentContext, bool]] = {}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SentContext):
            return NotImplemented
        if self is other:
            return True
        if id(other) not in self._answers:
            # The other one is kept with the answer, so that its identity is given to no other.
            self._answers[id(other)] = (other, self._compare(other))
        return self._answers[id(other)][1]

    __hash__ = None  # type: ignore[assignment]  # equal ones may differ in all that is cheap to hash

    @cached_property
    def digest(self) -> str:
        """Return a digest of everything that is sent."""
        rules = self._rules
        if rules.is_illegal:
            # No build works with it, which the builder must say: this is like no other revision.
            return f"{self._sha} does not build"
        try:
            return digest_context(self._tree, self._context, rules.rules)
        except TooCostlyError:
            return digest_context(self._tree, self._context)

    @cached_property
    def _rules(self) -> SentRules:
        return self._read_rules()

    def _compare(self, other: "SentContext") -> bool:
        sent, other_sent = self._rules, other._rules
        is_comparable = self._context == other._context and sent.text == other_sent.text
        if sent.is_illegal or other_sent.is_illegal or not is_comparable:
            return self.digest == other.digest
        trees = self._tree, other._tree
        try:
            return not has_sent_changes(trees, self._context, sent.rules)
        except TooCostlyError:
            return not has_sent_changes(trees, self._context)
