"""Checks of `advise` before any work: the files exist, and the options fit them and each other."""

import os
from pathlib import Path

from bot.adapters.checkout_files import is_below
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.cli.options.commands import AdviseOptions
from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.refusals import find_refusal
from bot.dockerfile.source_text import MAX_DOCKERFILE_BYTES
from bot.dockerfile.stages import Dockerfile
from bot.errors import InputError, describe_cause
from bot.image.build_history import is_from_another_dockerfile
from bot.model.image import Image
from bot.model.sizes import format_names
from bot.project.image_plan import is_dockerfile
from bot.project.image_titles import PLAIN_NAMES

_MAX_NAMES = 5


def read_checked_dockerfile(options: AdviseOptions) -> Dockerfile:
    """Return the Dockerfile; InputError if it is none, or the options do not fit it."""
    if options.smoke_test and not options.verify:
        raise InputError(
            "--smoke-test was given without --verify.",
            "without --verify, no container is started in which the command could run",
            "add --verify, or leave --smoke-test out",
        )
    _check_inside_repository(options.dockerfile, "Dockerfile")
    _check_inside_repository(options.context_folder, "build context")
    dockerfile = _read_dockerfile(options.dockerfile)
    _check_buildable(options.dockerfile, dockerfile)
    if options.context is not None and not options.context.is_dir():
        why = f"{str(options.context)!r} is not a folder"
        raise InputError("The build context cannot be read.", why, "check --context")
    if options.target and dockerfile.find_stage(options.target) is None:
        names = ", ".join(repr(stage.name or str(stage.index)) for stage in dockerfile.stages)
        why = f"the stages of {options.dockerfile} are: {names}"
        raise InputError(f"No stage is called {options.target!r}.", why, "check --target")
    return dockerfile


def find_dockerfile(path: Path) -> Path:
    """Return the Dockerfile of a folder; what is no folder stays as it is.

    InputError if the folder has none, or several and none with the usual name.
    """
    if not path.is_dir():
        return path
    try:
        files = sorted(x.name for x in path.iterdir() if is_dockerfile(x.name) and x.is_file())
    except OSError as problem:
        why = describe_cause(problem)
        raise InputError("The folder cannot be read.", why, "check its path") from problem
    usual = [name for name in PLAIN_NAMES if name in files]
    if usual or len(files) == 1:
        return path / (usual or files)[0]
    raise InputError(
        f"{str(path)!r} is a folder, and it is not clear which Dockerfile in it you mean.",
        f"it has {format_names(files, _MAX_NAMES)}" if files else "it has none",
        "name the file; `image-size-review images` lists those of a repository",
    )


def find_repository(path: Path) -> Path | None:
    """Return the top folder of the repository that a path is in; None if it is in none."""
    # Not Path.absolute(), which keeps `..`: of ../other/Dockerfile this folder would be a parent.
    absolute_path = Path(os.path.abspath(path))  # noqa: PTH100
    # `.git` is a file in worktrees and submodules.
    return next((x for x in absolute_path.parents if (x / ".git").exists()), None)


def check_image_origin(options: AdviseOptions, plan: BuildPlan, image: Image) -> None:
    """Raise InputError if the image of `--image` was plainly built from another Dockerfile."""
    stages = plan.final_stages
    # Only what is certain is refused: an image of an older state of the file has some of its lines.
    if stages and is_from_another_dockerfile(image.layers, stages[-1].instructions):
        raise InputError(
            f"{options.image} was not built from {options.dockerfile}.",
            "no layer of it matches an instruction of the file's last stage",
            "name an image that was built from the file as it is now, or leave --image out",
        )


def _read_dockerfile(path: Path) -> Dockerfile:
    try:
        # One byte more than is allowed: /dev/zero and a disk image end here as well.
        with path.open("rb") as file:
            text = file.read(MAX_DOCKERFILE_BYTES + 1)
        if len(text) > MAX_DOCKERFILE_BYTES:
            raise ValueError(f"it has more than {MAX_DOCKERFILE_BYTES:,} bytes")
        return DockerfileReader().parse(text)
    except OSError as problem:
        why = describe_cause(problem)
        raise InputError("The Dockerfile cannot be read.", why, "check its path") from problem
    except ValueError as problem:
        fix = "name a file that `docker build` accepts"
        raise InputError(f"{path} is not a Dockerfile.", str(problem), fix) from problem


def _check_inside_repository(path: Path, kind: str) -> None:
    """Raise InputError for a link that leads out of the repository that it is in."""
    # A pull request may add a link to /etc/passwd: lines of that would be in the report.
    repository = find_repository(path)
    if repository is not None and not is_below(Path(os.path.abspath(path)), repository):  # noqa: PTH100
        raise InputError(
            f"The {kind} {str(path)!r} is a link that leads out of the repository.",
            f"the repository is {str(repository)!r}, and a link in it may not lead to other files",
            "give the path that the link leads to, if that is what you want",
        )


def _check_buildable(path: Path, dockerfile: Dockerfile) -> None:
    """Raise InputError for a file that BuildKit refuses."""
    refusal = find_refusal(dockerfile)
    if refusal:
        fix = "fix the line; `docker build` does not accept it either"
        raise InputError(f"{path} cannot be built.", refusal, fix)
