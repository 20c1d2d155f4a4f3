"""Which images a revision declares: by inputs, by its configuration file, or by its Dockerfiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.dockerfile.dockerignore import parse_dockerignore
from bot.errors import InputError
from bot.line.ports import Git
from bot.model.spec import ImageSpec
from bot.project.config_file import DEFAULT_CONFIG_PATH, ProjectConfig, parse_config
from bot.project.image_plan import (
    DeclaredImages,
    GitTree,
    compute_fingerprint,
    discover_images,
    has_build_files,
)
from bot.project.overrides import Overrides


@dataclass(frozen=True, slots=True)
class ConfigSources:
    """How the caller wants images found.

    `config_path` is a file of the repository, read in each revision; `config_text` (from
    `config_source`) holds for both.
    """

    overrides: Overrides = Overrides()
    config_path: str | None = None
    config_text: str | None = None
    config_name: str = ""


def read_configs(git: Git, revisions: Sequence[str], sources: ConfigSources) -> list[ProjectConfig]:
    """The configuration of each revision, head first.

    A base that has no such file, or a broken one, goes by the head's: a change that adds or mends
    the file would otherwise rename every image.
    """
    head, *rest = revisions
    config = _read_config(git, head, sources)
    if config is None and sources.config_path:
        raise InputError(
            f"There is no configuration file {sources.config_path!r} in {head[:12]}.",
            fix="check the path, which is relative to the repository",
        )
    configs = [config or ProjectConfig()]
    for revision in rest:
        try:
            configs.append(_read_config(git, revision, sources) or configs[0])
        except InputError:
            configs.append(configs[0])
    return configs


def declare_images(
    git: Git, sha: str, config: ProjectConfig, sources: ConfigSources
) -> DeclaredImages:
    """The images of one revision, each with the fingerprint of what goes into its build."""
    tree = git.list_files(sha)
    overrides = sources.overrides
    found = (
        overrides.declare_image(config.budget)
        or config.images
        or discover_images(tree, config.budget)
    )
    specs = overrides.apply_to_specs(found)
    return DeclaredImages(
        specs=specs,
        fingerprints={
            spec.key: _compute_fingerprint(git, sha, spec, tree)
            for spec in specs
            if has_build_files(spec, tree)
        },
    )


def _read_config(git: Git, sha: str, sources: ConfigSources) -> ProjectConfig | None:
    if sources.config_text is not None:
        return parse_config(sources.config_text, sources.config_name)
    path = sources.config_path or DEFAULT_CONFIG_PATH
    text = git.read_file(sha, path)
    return None if text is None else parse_config(text.decode(errors="replace"), path)


def _compute_fingerprint(git: Git, sha: str, spec: ImageSpec, tree: GitTree) -> str:
    context = PurePosixPath(spec.context)
    # BuildKit takes the Dockerfile's own ignore file before that of the context.
    candidates = (f"{spec.dockerfile}.dockerignore", str(context / ".dockerignore"))
    path = next((path for path in candidates if path in tree), None)
    patterns = git.read_file(sha, path) if path else None
    return compute_fingerprint(
        spec, tree, parse_dockerignore((patterns or b"").decode(errors="replace"))
    )
