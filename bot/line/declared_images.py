"""Which images a revision declares: by inputs, by its configuration file, or by its Dockerfiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.dockerfile.dockerignore import read_ignore
from bot.errors import BadInput
from bot.line.ports import Git
from bot.model.spec import ImageSpec
from bot.project.config_file import DEFAULT_PATH, Config, parse_config
from bot.project.image_plan import Declared, Tree, discover, fingerprint, is_there
from bot.project.overrides import Overrides


@dataclass(frozen=True, slots=True)
class Request:
    """How the caller wants images found.

    `config_path` is a file of the repository, read in each revision; `config_text` (from
    `config_source`) holds for both.
    """

    overrides: Overrides = Overrides()
    config_path: str | None = None
    config_text: str | None = None
    config_source: str = ""


def read_configs(git: Git, revisions: Sequence[str], request: Request) -> list[Config]:
    """The configuration of each revision, head first.

    A base that has no such file, or a broken one, goes by the head's: a change that adds or mends
    the file would otherwise rename every image.
    """
    head, *rest = revisions
    config = _read_config(git, head, request)
    if config is None and request.config_path:
        raise BadInput(
            f"There is no configuration file {request.config_path!r} in {head[:12]}.",
            fix="check the path, which is relative to the repository",
        )
    configs = [config or Config()]
    for revision in rest:
        try:
            configs.append(_read_config(git, revision, request) or configs[0])
        except BadInput:
            configs.append(configs[0])
    return configs


def declare(git: Git, sha: str, config: Config, request: Request) -> Declared:
    """The images of one revision, each with the fingerprint of what goes into its build."""
    tree = git.tree(sha)
    overrides = request.overrides
    found = overrides.single(config.budget) or config.images or discover(tree, config.budget)
    specs = overrides.apply(found)
    return Declared(
        specs=specs,
        fingerprints={
            spec.key: _fingerprint(git, sha, spec, tree) for spec in specs if is_there(spec, tree)
        },
    )


def _read_config(git: Git, sha: str, request: Request) -> Config | None:
    if request.config_text is not None:
        return parse_config(request.config_text, request.config_source)
    path = request.config_path or DEFAULT_PATH
    text = git.read(sha, path)
    return None if text is None else parse_config(text.decode(errors="replace"), path)


def _fingerprint(git: Git, sha: str, spec: ImageSpec, tree: Tree) -> str:
    context = PurePosixPath(spec.context)
    # BuildKit takes the Dockerfile's own ignore file before that of the context.
    candidates = (f"{spec.dockerfile}.dockerignore", str(context / ".dockerignore"))
    path = next((path for path in candidates if path in tree), None)
    patterns = git.read(sha, path) if path else None
    return fingerprint(spec, tree, read_ignore((patterns or b"").decode(errors="replace")))
