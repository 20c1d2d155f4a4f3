"""Conversions of single arguments, for the `type` of argparse."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from bot.model.sizes import format_count

_LEAST_PLAIN_BYTES = 10_000


def make_argument_type(parse: Callable[[str], object]) -> Callable[[str], object]:
    """Return a converter that shows the message of a ValueError to the user.

    argparse itself would replace it by "invalid parse_size value".
    """

    def convert(text: str) -> object:
        try:
            return parse(text)
        except ValueError as problem:
            raise argparse.ArgumentTypeError(str(problem)) from problem

    return convert


def make_size_type(parse: Callable[[str], object]) -> Callable[[str], object]:
    """Return a converter that warns of a number which was probably meant to have a unit."""
    convert = make_argument_type(parse)

    def convert_and_warn(text: str) -> object:
        value = convert(text)
        number = text.strip()
        # No limit that somebody wants is 1 to 9,999 bytes; 0 is the same in every unit.
        if number.isdecimal() and 0 < int(number) < _LEAST_PLAIN_BYTES:
            sys.stderr.write(
                f"warning: {number} has no unit, so it is {format_count(int(number), 'byte')}; "
                f"write for example {number}MB\n"
            )
        return value

    return convert_and_warn


def parse_name(text: str) -> str:
    """Return the name of an image or a revision; ValueError for an empty one.

    A variable that is not set gives one, and must not stand for a default.
    """
    if not text.strip():
        raise ValueError("the name is empty")
    return text


def parse_output_path(text: str) -> Path:
    """Return the path of a file to write; ValueError if its folder does not exist.

    Checked before the work and not after it: a review builds for minutes.
    """
    path = Path(text)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise ValueError(f"{text!r} is not a file in a folder that exists")
    return path
