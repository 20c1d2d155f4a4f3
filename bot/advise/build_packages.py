"""Packages of a system that look like tools of a build and are something else."""

import re

from bot.pattern_lists import compile_sections

_HELPERS = re.compile(r"make|gmake|binutils|patch")
_LIBRARY_HEADERS = compile_sections(
    "bot.advise", "build_calls.txt", "headers installed for their library"
)


def is_library_header(package: str) -> bool:
    """Return True for headers that people install for their library, which a program loads."""
    return bool(_LIBRARY_HEADERS.fullmatch(package))


def is_build_helper(package: str) -> bool:
    """Return True for what compiles nothing without a compiler: make beside ansible."""
    return bool(_HELPERS.fullmatch(package))
