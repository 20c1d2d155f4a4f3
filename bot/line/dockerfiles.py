"""The Dockerfiles of commits: two revisions share most of them."""

from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.source_text import MAX_DOCKERFILE_BYTES
from bot.dockerfile.stages import Dockerfile
from bot.line.ports import Git, Parser
from bot.model.spec import ImageSpec
from bot.project.git_tree import resolve_below

_MAX_LINK_BYTES = 4096  # of Linux


class Dockerfiles:
    """Reads and parses Dockerfiles; equal ones of several commits once."""

    def __init__(self, git: Git, parser: Parser) -> None:
        self._git, self._parser = git, parser
        self._dockerfiles: dict[str, Dockerfile | None] = {}
        self._plans: dict[tuple[object, ...], BuildPlan | None] = {}

    def bind(self, sha: str, spec: ImageSpec) -> BuildPlan | None:
        """Return the Dockerfile of an image; None if the commit has none that can be parsed."""
        tree = self._git.list_files(sha)
        path = resolve_below(tree, ".", spec.dockerfile, lambda link: self._read_link(sha, link))
        if path is None:
            return None
        key = (tree[path], spec.target, *sorted(spec.build_args.items()))
        if key not in self._plans:
            dockerfile = self._read(sha, path, tree[path])
            plan = BuildPlan(dockerfile, spec.target, spec.build_args) if dockerfile else None
            self._plans[key] = plan
        return self._plans[key]

    def _read(self, sha: str, path: str, entry: str) -> Dockerfile | None:
        if entry not in self._dockerfiles:
            text = self._git.read_plain_file(sha, path, MAX_DOCKERFILE_BYTES)
            self._dockerfiles[entry] = self._parse(text)
        return self._dockerfiles[entry]

    def _read_link(self, sha: str, path: str) -> str:
        target = self._git.read_plain_file(sha, path, _MAX_LINK_BYTES) or b"?"
        return target.decode(errors="surrogateescape")

    def _parse(self, text: bytes | None) -> Dockerfile | None:
        try:
            return self._parser.parse_dockerfile(text or b"")
        except ValueError:
            return None
