"""The source of a COPY, ADD or mount that is not there, in the words of the Dockerfile.

BuildKit names the checksum that it could not compute, or a folder of the context that is not there
in its own copy of it.
"""

import re

# `failed to compute cache key: … "/x": not found`, as the versions of BuildKit word it, or, where a
# folder above the file is missing, the path below its own mount of the context.
_MISSING = re.compile(
    r"failed to (?:(?:compute|load) cache key|calculate checksum)\b.*"
    r'(?:"/?(?P<path>[^"]*)": not found'
    r"|failed to walk \S*/buildkit-mount\d+/(?P<folder>.*): lstat .*: no such file or directory)"
)
_COPY = re.compile(r"(?:^|: )(?P<keyword>COPY|ADD)\s+(?P<flags>(?:--\S+\s+)*)", re.IGNORECASE)
_ORIGIN = re.compile(r"--from=(\S+)")


def explain_missing_source(reason: str, instruction: str) -> tuple[str, str]:
    """Return the reason for a missing source, by its instruction, and its path in the context.

    Every other reason stays as it is; a path of another stage or image is empty.
    """
    missing = _MISSING.fullmatch(reason)
    copy = _COPY.search(instruction)
    if not missing:
        return reason, ""
    path = missing["path"] or missing["folder"]
    if not copy:
        is_mount = "--mount=" in instruction and "from=" not in instruction
        return reason, path if is_mount else ""
    keyword = copy["keyword"].upper()
    origin = _ORIGIN.search(copy["flags"])
    if origin:
        return f"{keyword} --from={origin[1]} /{path}: it is not in {origin[1]}", ""
    return f"{keyword} {path}: it is not in the build context", path
