"""The requirements files of a `pip install`, with those that they include."""

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import zip_longest

from bot.dockerfile.shell_calls import Call

REQUIREMENT_OPTIONS = ("-r", "--requirement", "--requirements")  # the last one of uv
_OPTIONS = (*REQUIREMENT_OPTIONS, "-c", "--constraint")
# Options of pip with which it reads folders of the project, or writes into them.
_FOLDER_OPTIONS = ("-e", "--editable", "-f", "--find-links", "-t", "--target", "--root", "--src")
_INCLUDED_FILE = re.compile(r"(?:-r|-c|--requirement|--constraint)(?:\s*=\s*|\s*)(\S+)")
# `./lib`, `wheels/x.whl` and `x @ file:///src`, but not `x @ https://host/x.whl`.
_LOCAL_LINE = re.compile(
    r"(?:-e|--editable|-f|--find-links)\b.*|(?!.*://)[^#;]*/.*|\..*|.*\bfile:.*|(?!.*://).*\.whl"
)


def list_pip_packages(call: Call) -> list[str]:
    """Return the operands that are no requirements files."""
    named = list(list_named_files(call, _OPTIONS))
    values = [x for x in call.known_arguments if not x.startswith("-")]
    return [x for x in values[1:] if x not in named]


def list_requirement_files(
    call: Call, read_text: Callable[[str], str], find_path: Callable[[str], str | None]
) -> Sequence[str] | None:
    """Return the files that a `pip install` reads; None if it may read other parts of the project.

    `find_path` returns the path of a file that the command names, None where it is not known, and
    `read_text` the text of one.
    """
    if call.subcommand != "install" or call.has_option(*_FOLDER_OPTIONS):
        return None
    if any(map(_LOCAL_LINE.fullmatch, list_pip_packages(call))):
        return None
    files = [find_path(name) for name in list_named_files(call, _OPTIONS)]
    paths = [path for path in files if path is not None]
    if len(paths) < len(files):
        return None
    # Files that these include are appended while they are read.
    for path in paths:
        text = read_text(path)
        if not text or any(map(_LOCAL_LINE.fullmatch, _list_other_lines(text))):
            return None
        paths += [x for x in _list_included(path, text) if x not in paths]
    return paths


def list_named_files(call: Call, options: Collection[str]) -> Iterator[str]:
    """Yield what options name, each as often as it is given: `-r a.txt -rb.txt --requirement=c`."""
    words = [word.text.strip("\"'") for word in call.arguments]
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        name, equals, value = word.partition("=")
        if name in options:
            yield value if equals else following
        elif word[:2] in options and not word.startswith("--"):
            yield word[2:]


def _list_lines(text: str) -> Iterator[str]:
    lines = text.replace("\\\n", " ").splitlines()
    return (line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))


def _list_included(path: str, text: str) -> Iterator[str]:
    folder = posixpath.dirname(path)
    for line in _list_lines(text):
        if match := _INCLUDED_FILE.match(line):
            yield posixpath.normpath(posixpath.join(folder, match[1]))


def _list_other_lines(text: str) -> Iterator[str]:
    return (line for line in _list_lines(text) if not _INCLUDED_FILE.match(line))
