"""What `advise` refuses before it works: what is asked for is not there, or does not belong together."""

from argparse import Namespace
from pathlib import Path

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.stages import Dockerfile
from bot.errors import BadInput
from bot.image.build_history import is_of_another_file
from bot.model.image import Image
from bot.model.spec import ImageSpec

_INSTRUCTIONS = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",
    "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
)  # fmt: skip


def read_asked(asked: Namespace) -> Dockerfile:
    """The Dockerfile; BadInput if it is none, or what is asked about it makes no sense."""
    if asked.smoke_test and not asked.verify:
        raise BadInput(
            "--smoke-test was given without --verify.",
            "nothing is started, so there is nothing that the command could be run in",
            "add --verify, or leave --smoke-test out",
        )
    dockerfile = _read(asked.dockerfile)
    _check_instructions(asked.dockerfile, dockerfile)
    if asked.context is not None and not asked.context.is_dir():
        why = f"{str(asked.context)!r} is no folder"
        raise BadInput("The build context cannot be read.", why, "check --context")
    if asked.target and dockerfile.find(asked.target) is None:
        names = ", ".join(repr(x.name or str(x.index)) for x in dockerfile.stages)
        why = f"the stages of {asked.dockerfile} are: {names}"
        raise BadInput(f"No stage is called {asked.target!r}.", why, "check --target")
    return dockerfile


def check_image(asked: Namespace, dockerfile: Dockerfile, spec: ImageSpec, image: Image) -> None:
    """BadInput if an image that was named was plainly not built of the Dockerfile."""
    stages = dockerfile.shipped(spec.target, spec.build_args)
    if stages and is_of_another_file(image.layers, stages[-1].instructions):
        raise BadInput(
            f"{asked.image} was not built from {asked.dockerfile}.",
            "no layer of it matches an instruction of the file's last stage",
            "name the image that was built from the file as it stands, or leave --image out",
        )


def _read(path: Path) -> Dockerfile:
    try:
        return DockerfileReader().parse(path.read_bytes())
    except OSError as problem:
        why = f"{str(path)!r}: {problem.strerror}"
        raise BadInput("The Dockerfile cannot be read.", why, "check its path") from problem
    except ValueError as problem:
        fix = "name a file that `docker build` takes"
        raise BadInput(f"{path} is no Dockerfile.", str(problem), fix) from problem


def _check_instructions(path: Path, dockerfile: Dockerfile) -> None:
    """Another syntax, by its directive, may know more instructions than Docker's own."""
    syntaxes = [x.value for x in dockerfile.directives if x.name == "syntax"]
    if any("docker/dockerfile" not in value for value in syntaxes):
        return
    for statement in dockerfile.statements:
        if statement.keyword not in _INSTRUCTIONS:
            why = f"line {statement.line_start}: {statement.keyword!r} is no instruction"
            fix = "mend the line; `docker build` does not take it either"
            raise BadInput(f"{path} cannot be built.", why, fix)
