"""Conversions of single arguments, for the `type` of argparse."""

import argparse
from collections.abc import Callable
from pathlib import Path


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
