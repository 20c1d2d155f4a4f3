"""The source of a COPY, ADD or mount that is not there, in the words of the Dockerfile.

BuildKit names the checksum that it could not compute.
"""

import re

_MISSING = re.compile(
    r"failed to (?:(?:compute|load) cache key|calculate checksum)\b.*"
    r'"/?(?P<path>[^"]*)": not found'
)
_COPY = re.compile(r"(?:^|: )(?P<keyword>COPY|ADD)\s+(?P<flags>(?:--\S+\s+)*)", re.IGNORECASE)
_ORIGIN = re.compile(r"--from=(\S+)")


def explain_missing_source(reason: str, instruction: str) -> str:
    """Return the reason for a missing source, by its instruction; every other one as it is."""
    missing = _MISSING.fullmatch(reason)
    copy = _COPY.search(instruction)
    if not missing or not copy:
        return reason
    origin = _ORIGIN.search(copy["flags"])
    searched_folder = origin[1] if origin else "the build context"
    source = f"--from={origin[1]} /{missing['path']}" if origin else missing["path"]
    return f"{copy['keyword'].upper()} {source}: it is not in {searched_folder}"
