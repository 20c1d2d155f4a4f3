"""What `advise` refuses before it works: what is asked for is not there, or does not belong together."""

from argparse import Namespace
from pathlib import Path

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.stages import Dockerfile
from bot.errors import InputError
from bot.image.build_history import is_from_another_dockerfile
from bot.model.image import Image
from bot.model.spec import ImageSpec

_KNOWN_INSTRUCTIONS = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",
    "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
)  # fmt: skip


def read_checked_dockerfile(arguments: Namespace) -> Dockerfile:
    """The Dockerfile; InputError if it is none, or what is asked about it makes no sense."""
    if arguments.smoke_test and not arguments.verify:
        raise InputError(
            "--smoke-test was given without --verify.",
            "nothing is started, so there is nothing that the command could be run in",
            "add --verify, or leave --smoke-test out",
        )
    dockerfile = _read_dockerfile(arguments.dockerfile)
    _check_instructions(arguments.dockerfile, dockerfile)
    if arguments.context is not None and not arguments.context.is_dir():
        why = f"{str(arguments.context)!r} is no folder"
        raise InputError("The build context cannot be read.", why, "check --context")
    if arguments.target and dockerfile.find_stage(arguments.target) is None:
        names = ", ".join(repr(x.name or str(x.index)) for x in dockerfile.stages)
        why = f"the stages of {arguments.dockerfile} are: {names}"
        raise InputError(f"No stage is called {arguments.target!r}.", why, "check --target")
    return dockerfile


def check_image_origin(
    arguments: Namespace, dockerfile: Dockerfile, spec: ImageSpec, image: Image
) -> None:
    """InputError if an image that was named was plainly not built of the Dockerfile."""
    stages = dockerfile.final_stages(spec.target, spec.build_args)
    if stages and is_from_another_dockerfile(image.layers, stages[-1].instructions):
        raise InputError(
            f"{arguments.image} was not built from {arguments.dockerfile}.",
            "no layer of it matches an instruction of the file's last stage",
            "name the image that was built from the file as it stands, or leave --image out",
        )


def _read_dockerfile(path: Path) -> Dockerfile:
    try:
        return DockerfileReader().parse_dockerfile(path.read_bytes())
    except OSError as problem:
        why = f"{str(path)!r}: {problem.strerror}"
        raise InputError("The Dockerfile cannot be read.", why, "check its path") from problem
    except ValueError as problem:
        fix = "name a file that `docker build` takes"
        raise InputError(f"{path} is no Dockerfile.", str(problem), fix) from problem


def _check_instructions(path: Path, dockerfile: Dockerfile) -> None:
    """Another syntax, by its directive, may know more instructions than Docker's own."""
    syntaxes = [x.value for x in dockerfile.directives if x.name == "syntax"]
    if any("docker/dockerfile" not in value for value in syntaxes):
        return
    for statement in dockerfile.instructions:
        if statement.keyword not in _KNOWN_INSTRUCTIONS:
            why = f"line {statement.line_start}: {statement.keyword!r} is no instruction"
            fix = "mend the line; `docker build` does not take it either"
            raise InputError(f"{path} cannot be built.", why, fix)
