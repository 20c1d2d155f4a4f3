"""The images that a revision declares, and the configuration that declares them.

Images come from the caller's inputs, else from the configuration file, else from all Dockerfiles.
"""

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
    """The source of the configuration: the repository, or a file of the caller.

    `config_path` is a file of the repository, read in each revision; `config_text` (of the file
    `config_name`) holds for all revisions.
    """

    config_path: str | None = None
    config_text: str | None = None
    config_name: str = ""


def read_configs(
    git: Git, sources: ConfigSources, head: str, base: str | None = None
) -> tuple[ProjectConfig, ProjectConfig]:
    """Read the configuration of two commits; without a base, both are the head's.

    A base without the file, or with a broken one, gets the head's, too: a change that adds or
    repairs the file would otherwise rename every image. InputError if the head's file is broken, or
    if the caller names a file that the head does not have.
    """
    head_config = _read_config(git, head, sources)
    if head_config is None and sources.config_path:
        raise InputError(
            f"There is no configuration file {sources.config_path!r} in {head[:12]}.",
            fix="check the path, which is relative to the repository",
        )
    head_config = head_config or ProjectConfig()
    try:
        base_config = _read_config(git, base, sources) if base else None
    except InputError:
        base_config = None
    return head_config, base_config or head_config


def declare_images(
    git: Git, sha: str, config: ProjectConfig, overrides: Overrides
) -> DeclaredImages:
    """Return the images of one revision, each with the fingerprint of its build's inputs."""
    tree = git.list_files(sha)
    declared = (
        overrides.declare_image(config.budget)
        or config.images
        or discover_images(tree, config.budget)
    )
    specs = overrides.apply_to_specs(declared)
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
    ignore_files = (f"{spec.dockerfile}.dockerignore", str(context / ".dockerignore"))
    path = next((path for path in ignore_files if path in tree), None)
    patterns = git.read_file(sha, path) if path else None
    return compute_fingerprint(
        spec, tree, parse_dockerignore((patterns or b"").decode(errors="replace"))
    )
