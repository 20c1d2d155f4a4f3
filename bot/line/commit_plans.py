"""The plans of single commits: which images a commit changes, without a build.

Each is the plan of a review of that commit against its parent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from bot.errors import InputError
from bot.line.chained_images import ChainFinder, MissingImageFinder
from bot.line.commit_paths import concerns_image
from bot.line.contexts import ContextFinder
from bot.line.declared_images import ConfigSources, RevisionConfigs, read_configs
from bot.line.ports import BuildFilePrinter, Git, Parser
from bot.line.review_request import ReviewedRevision, ReviewRequest, plan_images
from bot.model.since import WalkedCommit
from bot.model.spec import ImageSpec
from bot.project.config_file import CONFIG_PATHS, ProjectConfig
from bot.project.git_tree import SYMLINK_MODE_PREFIX
from bot.project.image_plan import PlannedImage, list_prefixes
from bot.project.trusted_needs import drop_needs
from bot.pull_request.event import Commit

_MAX_KEPT_PLANS = 64  # the listings of so many commits are in memory at once


class CommitPlans:
    """Plans of commits, with the configuration of each.

    `drops_needs` for commits that anybody may have written: their secrets and the like count not.
    """

    def __init__(
        self,
        tools: tuple[Git, Parser, BuildFilePrinter],
        request: ReviewRequest,
        sources: ConfigSources,
        commits: Sequence[WalkedCommit],
        *,
        drops_needs: bool = False,
    ) -> None:
        self._git, self._parser, self._printer = tools
        self._request, self._sources, self.commits = request, sources, commits
        self._drops_needs = drops_needs
        self._configs: dict[object, ProjectConfig] = {}
        self._broken: dict[str, None] = {}
        self._plans = 0
        self.contexts = self._make_contexts()

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about commits with a configuration that cannot be read."""
        if not self._broken:
            return ()
        shas = ", ".join(sha[:12] for sha in list(self._broken)[:3])
        return (f"The configuration of {shas} cannot be read; that of the head was used there.",)

    def compare(self, old: int, new: int) -> tuple[PlannedImage, ...]:
        """Return the images of two commits, each with what differs between them."""
        self._free_memory()
        return self._plan(old, new, self._request, None)

    def concerns(self, position: int, spec: ImageSpec, *, has_own_base: bool) -> bool:
        """Return False if the paths that a commit changes cannot be of an image."""
        paths = self._changed_paths.get(self.commits[position].sha)
        if paths is None:
            return True
        config = self._sources.config_path
        return concerns_image(paths, spec, config, has_own_base=has_own_base)

    @cached_property
    def _changed_paths(self) -> Mapping[str, Sequence[str]]:
        return self._git.list_changed_paths(self.commits[0].sha, self.commits[-1].sha)

    def declare(self, position: int, request: ReviewRequest | None = None) -> list[PlannedImage]:
        """Return the images of one commit, by default all of them."""
        return list(self._plan(None, position, request or self._request, None))

    def plan_build(
        self, position: int, find_missing: MissingImageFinder
    ) -> tuple[PlannedImage, ...]:
        """Return the images of one commit with all that they are built on."""
        self._free_memory()
        return self._plan(None, position, self._request, find_missing)

    def _plan(
        self,
        old: int | None,
        new: int,
        request: ReviewRequest,
        find_missing: MissingImageFinder | None,
    ) -> tuple[PlannedImage, ...]:
        shas = [self.commits[x].sha for x in (old, new) if x is not None]
        configs = [self._read_config(sha) for sha in shas]
        revisions = [ReviewedRevision(Commit(sha), sha) for sha in shas]
        is_pair = len(shas) > 1
        request = replace(
            request,
            head=revisions[-1],
            base=revisions[0] if is_pair else None,
            configs=RevisionConfigs(configs[-1], configs[0] if is_pair else None),
            # Commits of the branch have been accepted: each is planned by its own file alone.
            is_accepted=True,
        )
        chains = ChainFinder(self._git, self.contexts.dockerfiles, find_missing)
        return plan_images(self._git, request, self.contexts, chains)

    def _read_config(self, sha: str) -> ProjectConfig:
        tree = self._git.list_files(sha)
        paths = (self._sources.config_path,) if self._sources.config_path else CONFIG_PATHS
        entries = [tree.get(prefix, "") for path in paths for prefix in list_prefixes(path)]
        is_linked = any(entry.startswith(SYMLINK_MODE_PREFIX) for entry in entries)
        # Most commits leave the file as it is, and it is parsed once. What a link leads to is not
        # in the key.
        key = sha if is_linked else tuple(entries)
        if key not in self._configs:
            self._configs[key] = self._parse_config(sha)
        return self._configs[key]

    def _parse_config(self, sha: str) -> ProjectConfig:
        try:
            config = read_configs(self._git, self._sources, sha).head
        except InputError:
            self._broken[sha] = None
            # One broken commit of a long history is no reason to stop.
            return self._request.configs.head
        return drop_needs(config) if self._drops_needs else config

    def _free_memory(self) -> None:
        self._plans += 1
        if self._plans % _MAX_KEPT_PLANS == 0:
            self._git.forget_files()
            self.contexts = self._make_contexts()

    def _make_contexts(self) -> ContextFinder:
        return ContextFinder(self._git, self._parser, self._printer)
