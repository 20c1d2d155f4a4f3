"""A configuration file with limits from the sizes that images have today."""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from bot.model.sizes import format_size
from bot.model.spec import ContextSource, ImageSpec

# Plain scalars that YAML reads as the text that they are.
_PLAIN_TEXT = re.compile(r"[A-Za-z_./][A-Za-z0-9_./-]*")
# With those of YAML 1.1, since other tools may read the file as well.
_YAML_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
# What ends a comment or turns its text around; a path of the repository may have any of these.
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]+")
_MAX_COMMENT_LENGTH = 300
# A limit such as 123.4MB would look measured; people round.
_SIGNIFICANT_DIGITS = 2
_UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"), (1, "B"))


@dataclass(frozen=True, slots=True)
class AuditedImage:
    """An image with its size in bytes, or with the reason for which it has none and the way out."""

    spec: ImageSpec
    size: int | None
    problem: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class ConfigOrigin:
    """The command that the limits come from, the revision that was audited, and the margin."""

    command: str
    revision: str
    margin_percent: int


def write_config(
    images: Sequence[AuditedImage], origin: ConfigOrigin, hidden_args: Collection[str] = ()
) -> str:
    """Return the file: an entry for each image; the ones without a size are comments.

    What compose and bake files say is left out, since an entry would outrank what they say later.
    `hidden_args` are build arguments of the command line: their values may be secrets.
    """
    lines = [
        f"# Written by `{_clean(origin.command)}` from the sizes of {_clean(origin.revision)}.",
        "# Each limit is the size of that day "
        f"(the files in all layers) plus {origin.margin_percent} %, rounded up.",
        "# What the keys mean: docs/configuration.md of Image Size Review.",
    ]
    groups = _group(images)
    measured = [group for group in groups if all(image.size is not None for image in group)]
    lines += ["images:" if measured else "# images:"] if groups else []
    for group in groups:
        entry = list(_write_entry(group, origin.margin_percent, hidden_args))
        lines += entry if group in measured else [*_write_problems(group), *map(_disable, entry)]
    return "\n".join(lines) + "\n"


def round_limit(size: int, margin_percent: int) -> str:
    """Return a size with a margin, rounded up to two digits, as the file has it."""
    # Whole numbers, rounded up: a float would lose bytes of large images.
    limit = max(1, -(-size * (100 + margin_percent) // 100))
    step = 10 ** max(0, len(str(limit)) - _SIGNIFICANT_DIGITS)
    limit = -(-limit // step) * step
    factor, unit = next((factor, unit) for factor, unit in _UNITS if limit >= factor)
    whole, remainder = divmod(limit, factor)
    decimals = f".{remainder:0{len(str(factor)) - 1}}".rstrip("0") if remainder else ""
    return f"{whole}{decimals}{unit}"


def _group(images: Sequence[AuditedImage]) -> list[list[AuditedImage]]:
    """Return the images of one entry together: they differ in their platform alone."""
    groups: dict[str, list[AuditedImage]] = {}
    for image in images:
        groups.setdefault(image.spec.name, []).append(image)
    return list(groups.values())


def _write_entry(
    group: Sequence[AuditedImage], margin_percent: int, hidden_args: Collection[str]
) -> Iterator[str]:
    spec = group[0].spec
    yield f"  - name: {_quote(spec.name)}"
    yield f"    dockerfile: {_quote(spec.dockerfile)}"
    if spec.context_source is ContextSource.CONFIGURED:
        yield f"    context: {_quote(spec.context)}"
    if spec.target:
        yield f"    target: {_quote(spec.target)}"
    arguments = {name: x for name, x in spec.build_args.items() if name not in hidden_args}
    is_of_build_file = spec.context_source in (ContextSource.COMPOSE, ContextSource.BAKE)
    if arguments and not is_of_build_file:
        yield "    build-args:"
        yield from (f"      {_quote(name)}: {_quote(x)}" for name, x in arguments.items())
    platforms = [image.spec.platform for image in group if image.spec.platform]
    # An entry without platforms takes one of what it overrides.
    if len(platforms) > 1 or (platforms and not is_of_build_file):
        yield f"    platforms: [{', '.join(map(_quote, platforms))}]"
    sizes = [image.size for image in group if image.size is not None]
    if len(sizes) == len(group):
        yield f"    budget: {{max-size: {round_limit(max(sizes), margin_percent)}}}" + (
            f"  # {format_size(max(sizes))} today"
        )
    else:
        yield "    budget: {max-size: 1GB}  # set it once the image builds"


def _write_problems(group: Sequence[AuditedImage]) -> Iterator[str]:
    for image in group:
        if image.size is None:
            yield f"  # {_clean(image.spec.name)} has no size: {_clean(image.problem)}."
            if image.fix:
                yield f"  # To do: {_clean(image.fix)}."


def _disable(line: str) -> str:
    return f"  # {line.removeprefix('  ')}"


def _quote(text: str) -> str:
    if _PLAIN_TEXT.fullmatch(text) and text.lower() not in _YAML_WORDS:
        return text
    # A JSON text is a double-quoted scalar of YAML.
    return json.dumps(text, ensure_ascii=False)


def _clean(text: str) -> str:
    """Return text as a part of a comment, which a line end would leave."""
    # Cut before the substitution, so that a hostile text of megabytes is not searched.
    text = _CONTROL_CHARACTER.sub(" ", text[: 2 * _MAX_COMMENT_LENGTH]).rstrip(" .")
    return text if len(text) <= _MAX_COMMENT_LENGTH else f"{text[:_MAX_COMMENT_LENGTH]} …"
