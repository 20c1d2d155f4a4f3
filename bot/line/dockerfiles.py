"""The Dockerfiles of commits: two revisions share most of them."""

from functools import partial

from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.frontends import has_known_frontend
from bot.dockerfile.source_text import MAX_DOCKERFILE_BYTES
from bot.dockerfile.stages import Dockerfile
from bot.line.committed_links import NO_TARGET, read_link
from bot.line.ports import Git, Parser
from bot.model.spec import ImageSpec
from bot.project.followed_links import resolve_below

PlanKey = tuple[object, ...]


class Dockerfiles:
    """Reads and parses Dockerfiles; equal ones of several commits once."""

    def __init__(self, git: Git, parser: Parser) -> None:
        self._git, self._parser = git, parser
        self._dockerfiles: dict[str, Dockerfile | None] = {}
        self._plans: dict[PlanKey, BuildPlan | None] = {}
        self._locations: dict[tuple[str, str], str | None] = {}

    def make_key(self, sha: str, spec: ImageSpec) -> PlanKey | None:
        """Return what equal plans of images share; None if the commit has no such file."""
        path = self._locate(sha, spec)
        return None if path is None else self._make_key(sha, path, spec)

    def bind(self, sha: str, spec: ImageSpec) -> BuildPlan | None:
        """Return the Dockerfile of an image; None if the commit has none that can be parsed."""
        path = self._locate(sha, spec)
        if path is None:
            return None
        key = self._make_key(sha, path, spec)
        if key not in self._plans:
            dockerfile = self.parse(sha, path)
            plan = BuildPlan(dockerfile, spec.target, spec.build_args) if dockerfile else None
            self._plans[key] = plan
        return self._plans[key]

    def has_known_frontend(self, sha: str, spec: ImageSpec) -> bool:
        """Return True if a frontend builds the Dockerfile that reads it as this program does."""
        path = self._locate(sha, spec)
        text = self._git.read_plain_file(sha, path, MAX_DOCKERFILE_BYTES) if path else None
        return text is not None and has_known_frontend(text, spec.build_args)

    def parse(self, sha: str, path: str) -> Dockerfile | None:
        """Return a file of a commit, links not followed; None if it cannot be parsed."""
        entry = self._git.list_files(sha)[path]
        if entry not in self._dockerfiles:
            text = self._git.read_plain_file(sha, path, MAX_DOCKERFILE_BYTES)
            self._dockerfiles[entry] = self._parse(text)
        return self._dockerfiles[entry]

    def _make_key(self, sha: str, path: str, spec: ImageSpec) -> PlanKey:
        entry = self._git.list_files(sha)[path]
        return (entry, spec.target, *sorted(spec.build_args.items()))

    def _locate(self, sha: str, spec: ImageSpec) -> str | None:
        key = (sha, spec.dockerfile)
        if key not in self._locations:
            tree, path = self._git.list_files(sha), spec.dockerfile
            read_link = partial(self._read_link, sha)
            self._locations[key] = resolve_below(tree, ".", path, read_link)
        return self._locations[key]

    def _read_link(self, sha: str, path: str) -> str:
        return read_link(self._git, sha, path) or NO_TARGET

    def _parse(self, text: bytes | None) -> Dockerfile | None:
        try:
            return self._parser.parse(text or b"")
        except ValueError:
            return None
