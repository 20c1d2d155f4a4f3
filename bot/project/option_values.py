"""Parsers of values that the configuration, the action's inputs and the command line share."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from bot.model.sizes import parse_percent, parse_size
from bot.model.spec import GrowthLimit, Limits

AUTO = "auto"
_MAX_SHARDS = 256  # jobs of a GitHub matrix
_BUILDER = re.compile(r"[A-Za-z][\w.-]{0,127}", re.ASCII)  # docker/buildx, store/util.go
_MOST_JOBS = 64  # a build is a process or two, with what it runs
_MAX_LAYERS = 1_000
# The kernel takes arguments of up to 128 KiB; the name of a build argument goes before its value.
_MAX_ARGUMENT_BYTES = 100_000
# PATH_MAX and NAME_MAX, less the folder that the repository is checked out to.
_MAX_PATH_BYTES = 2_000
_MAX_NAME_BYTES = 255
# git@github.com:octo/app.git: buildx fetches such an address as it does a URL.
_GIT_ADDRESS = re.compile(r"[\w.-]+@[\w.-]+:")
# What no argument of a program and no path can hold.
UNUSABLE_CHARACTER = re.compile("[\x00\ud800-\udfff]")


def parse_growth_limit(value: object) -> GrowthLimit:
    """Parse `10MB`, `5%`, a number of bytes, or a mapping of `bytes` and `percent`.

    Raises ValueError for anything else.
    """
    if isinstance(value, Mapping):
        amount, percent = value.get("bytes"), value.get("percent")
        return GrowthLimit(
            bytes=None if amount is None else parse_size_value(amount),
            percent=None if percent is None else float(str(percent).removesuffix("%")),
        )
    text = str(value)
    return (
        GrowthLimit(percent=parse_percent(text))
        if text.strip().endswith("%")
        else GrowthLimit(parse_size_value(text))
    )


def parse_size_value(value: object) -> int:
    """Parse a number of bytes or a size such as `10MB`; raise ValueError otherwise."""
    return value if isinstance(value, int) else parse_size(str(value))


def is_auto(value: object) -> bool:
    """Return True for the limit that follows recorded sizes: `auto`."""
    return isinstance(value, str) and value.strip().lower() == AUTO


def validate_max_size(text: str) -> str:
    """Return a size such as `300MB`, or `auto`; raise ValueError for anything else."""
    if not is_auto(text):
        parse_size(text)
    return text


def make_limits(
    max_size: str | None,
    *,
    max_growth: GrowthLimit | None,
    warn_size: int | None,
    warn_growth: GrowthLimit | None,
    max_waste: GrowthLimit | None = None,
    max_layers: int | None = None,
) -> Limits:
    """Return limits; `max_size` is a size such as `300MB`, or `auto`."""
    follows = is_auto(max_size)
    size = parse_size(max_size) if max_size and not follows else None
    return Limits(size, max_growth, warn_size, warn_growth, follows, max_waste, max_layers)


def parse_shards(text: str) -> int:
    """Parse a number of jobs; ValueError for what GitHub does not run as one matrix."""
    return parse_number(text, 1, _MAX_SHARDS, "number")


def parse_jobs(text: str) -> int:
    """Parse the number of images to build at once; ValueError for anything else."""
    return parse_number(text, 1, _MOST_JOBS, "number of builds")


def parse_layers(text: str) -> int:
    """Parse a number of layers; ValueError for more than an image can have."""
    return parse_number(text, 1, _MAX_LAYERS, "number of layers")


def parse_builder(text: str) -> str:
    """Return the name of a builder of buildx; ValueError for anything else."""
    if not _BUILDER.fullmatch(text):
        raise ValueError(f"{text[:100]!r} is not the name of a builder (docker buildx ls)")
    return text


def parse_number(text: str, least: int, most: int, noun: str) -> int:
    """Parse a whole number between bounds; ValueError for anything else."""
    # Not int() alone, which takes blanks, signs, underscores and digits of other scripts.
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    if not is_number or not least <= int(text) <= most:
        raise ValueError(f"{text[:20]!r} is not a {noun} from {least} to {most}")
    return int(text)


def validate_text(text: str) -> str:
    """Return a text that a program can be started with; raise ValueError for others.

    Python reads bytes that are not UTF-8 as lone surrogates. The message does not show the text,
    which may hold a secret.
    """
    if UNUSABLE_CHARACTER.search(text):
        raise ValueError("it has bytes that are not UTF-8, or the character U+0000")
    return text


def validate_argument(text: str) -> str:
    """Return a text that can be an argument of a program; raise ValueError for others.

    The message does not show the text, which may hold a secret.
    """
    if len(validate_text(text).encode()) > _MAX_ARGUMENT_BYTES:
        raise ValueError(
            f"it has more than {_MAX_ARGUMENT_BYTES:,} bytes, which no program can be given"
        )
    return text


def validate_path(text: str) -> str:
    """Return a path inside the repository in its shortest form; raise ValueError for others."""
    path = PurePosixPath(text)
    if not text or UNUSABLE_CHARACTER.search(text) or path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{text!r} is not a path inside the repository")
    lengths = [len(name.encode()) for name in path.parts]
    if max(lengths, default=0) > _MAX_NAME_BYTES or sum(lengths) > _MAX_PATH_BYTES:
        raise ValueError(f"{f'{text[:100]}…'!r} is longer than the path of a file can be")
    return str(path)


def validate_build_file(text: str) -> str:
    """Return the path of a compose or bake file; ValueError for what is no file of the repository.

    Docker reads `-` from its input, and fetches addresses.
    """
    name = text.rstrip("/").rpartition("/")[2]
    if name == "-":
        raise ValueError(f"{text!r} is the input of a program; name a file of the repository")
    if "://" in text or _GIT_ADDRESS.match(text):
        raise ValueError(
            f"{text!r} is an address; only files of the repository are read, as they are in each "
            "revision: add it to the repository, and name that"
        )
    return validate_path(text)


def validate_platform(text: str) -> str:
    """Return a platform such as `linux/arm64` or `linux/arm/v7`; raise ValueError otherwise."""
    if not re.fullmatch(r"[a-z0-9_]+/[a-z0-9_]+(/[a-z0-9_.]+)?", text):
        raise ValueError(f"{text!r} is not a platform; write for example linux/amd64")
    return text
