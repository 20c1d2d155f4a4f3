"""Arguments of buildx for caches, and the token of GitHub's cache, for buildx alone.

The token is a variable of the one build that needs it. Buildx hands it to BuildKit, and BuildKit to
the frontend: so a Dockerfile with a frontend of its own gets no such cache.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from bot.dockerfile.frontends import has_known_frontend
from bot.model.build_cache import BuildCache, CacheKind, CacheWriter
from bot.model.spec import ImageSpec
from bot.project.file_tree import select_below

# docker/buildx, build/opt.go: what its client reads for type=gha.
_TOKEN = "ACTIONS_RUNTIME_TOKEN"  # noqa: S105 - a name
_GITHUB_VARIABLES = (
    _TOKEN,
    "ACTIONS_CACHE_URL",
    "ACTIONS_RESULTS_URL",
    "ACTIONS_CACHE_SERVICE_V2",
)
# moby/moby, daemon/internal/builder-next/controller.go: what the engine's own store can do.
_STORE_SOURCES = frozenset({CacheKind.REGISTRY, CacheKind.LOCAL})
_STORE_TARGETS = frozenset({CacheKind.INLINE})
_ALL = frozenset(CacheKind)
_READ_ONLY = "only a push to the default branch may write it, because other refs read it"
_STORE = "the image store of this engine does not support it; the containerd store does"
_NO_TOKEN = f"GitHub's cache needs {_TOKEN}, which the runner gives to the steps of actions"
_FRONTEND = "the frontend that the Dockerfile names would get the token of the cache"
_COMMITTED = "its folder is part of the commit, where a pull request writes"
_LINKED = "its folder is behind a symbolic link"


@dataclass(frozen=True, slots=True)
class CacheRules:
    """The rules for caches: the writer, and the folders of local ones.

    `chosen` are the targets that a person names on the command line. Relative folders are in
    `root`. `list_files` returns the paths that the commit has in `repository`, sorted.
    """

    writer: CacheWriter = CacheWriter.OTHER
    chosen: tuple[BuildCache, ...] = ()
    root: Path = Path("/")
    repository: Path = Path("/")
    list_files: Callable[[], Iterable[str]] = tuple


@dataclass(frozen=True, slots=True)
class ProvidedCaches:
    """The arguments and the variables of one build."""

    arguments: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)


class BuildCaches:
    """Chooses the caches of builds; says once of each that is left out why."""

    def __init__(
        self,
        rules: CacheRules,
        environment: Mapping[str, str],
        write_line: Callable[[str], None],
        has_limits: Callable[[], bool],
    ) -> None:
        """`has_limits` returns True for a builder with the engine's own image store."""
        self._rules, self._write_line, self._has_limits = rules, write_line, has_limits
        self._variables = {x: environment[x] for x in _GITHUB_VARIABLES if environment.get(x)}
        self._lines: set[str] = set()

    @property
    def token(self) -> str:
        """The token of GitHub's cache; empty without one."""
        return self._variables.get(_TOKEN, "")

    def provide(self, spec: ImageSpec, dockerfile: bytes | None, *, writes: bool) -> ProvidedCaches:
        """Return what a build gets; it writes no cache unless it `writes`."""
        needs = spec.needs
        if not needs.cache_from and not (needs.cache_to and writes):
            return ProvidedCaches()
        name = "-".join(filter(None, (spec.name, spec.platform)))
        is_known = dockerfile is not None and has_known_frontend(dockerfile, spec.build_args)
        refuse = partial(self._find_reason, has_other_frontend=not is_known)
        sources = list(self._select(needs.cache_from, name, refuse, _STORE_SOURCES))
        allowed = [cache for cache in needs.cache_to if writes and self._may_write(cache)]
        targets = list(self._select(allowed, name, refuse, _STORE_TARGETS))
        arguments = [x for cache in sources for x in ("--cache-from", str(cache))]
        arguments += [x for cache in targets for x in ("--cache-to", str(_ignore_errors(cache)))]
        uses_token = any(cache.kind is CacheKind.GHA for cache in (*sources, *targets))
        return ProvidedCaches(tuple(arguments), self._variables if uses_token else {})

    def _select(
        self,
        caches: Iterable[BuildCache],
        name: str,
        find_reason: Callable[[BuildCache, frozenset[CacheKind]], str],
        store_kinds: frozenset[CacheKind],
    ) -> Iterator[BuildCache]:
        kinds = store_kinds if caches and self._has_limits() else _ALL
        for cache in caches:
            placed = cache.place_image(name)
            if reason := find_reason(placed, kinds):
                self._say_once(cache, reason)
            else:
                folder = str(self._rules.root / placed.folder) if placed.folder else ""
                yield placed.move(folder)

    def _find_reason(
        self, cache: BuildCache, kinds: frozenset[CacheKind], *, has_other_frontend: bool
    ) -> str:
        """Return why a cache cannot be used; empty if it can."""
        is_github = cache.kind is CacheKind.GHA
        reasons = {
            _STORE: cache.kind not in kinds,
            _NO_TOKEN: is_github and _TOKEN not in self._variables,
            _FRONTEND: is_github and has_other_frontend,
            _COMMITTED: bool(cache.folder) and self._is_committed(cache.folder),
            _LINKED: bool(cache.folder) and self._is_linked(cache.folder),
        }
        return next((reason for reason, holds in reasons.items() if holds), "")

    def _may_write(self, cache: BuildCache) -> bool:
        if cache in self._rules.chosen or self._rules.writer.may_write(cache):
            return True
        self._say_once(cache, _READ_ONLY)
        return False

    def _is_committed(self, folder: str) -> bool:
        """Return True for a folder with files of the commit, or below one."""
        try:
            path = (self._rules.root / folder).relative_to(self._rules.repository)
        except ValueError:
            return False
        if Path(folder).is_absolute():
            return False
        paths = tuple(self._rules.list_files())
        above = {str(x) for x in (PurePosixPath(path), *PurePosixPath(path).parents)}
        return not above.isdisjoint(paths) or bool(select_below(paths, str(path)))

    def _is_linked(self, folder: str) -> bool:
        if Path(folder).is_absolute():
            return False
        path = Path(os.path.realpath(self._rules.root), folder)
        return os.path.realpath(path) != str(path)

    def _say_once(self, cache: BuildCache, reason: str) -> None:
        line = f"note: the cache {cache} is left out: {reason}"
        if line not in self._lines:
            self._lines.add(line)
            self._write_line(line)


def _ignore_errors(cache: BuildCache) -> BuildCache:
    """Return a target that ends no build where it cannot be written."""
    return cache if cache.kind is CacheKind.INLINE else cache.set_default("ignore-error", "true")
