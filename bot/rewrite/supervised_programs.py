"""The programs that supervisord starts, from its configuration.

See http://supervisord.org/configuration.html.
"""

import fnmatch
import posixpath
from collections.abc import Iterator
from configparser import ConfigParser, Error
from itertools import islice

from bot.image.open_image import OpenImage

# Where supervisord looks without an option; relative ones are below its working directory.
_DEFAULT_FILES = (
    "supervisord.conf",
    "etc/supervisord.conf",
    "/etc/supervisord.conf",
    "/etc/supervisor/supervisord.conf",
)
_FILE_OPTIONS = ("-c", "--configuration")
_MAX_FILES = 100


def list_supervised_commands(built: OpenImage, argv: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command lines of the programs that a call of supervisord starts."""
    path = _find_configuration(built, argv)
    if path is None:
        return ()
    main = _parse(built.read_text(path))
    patterns = main.get("include", "files", fallback="").split()
    files = _list_included_files(built, posixpath.dirname(path), patterns)
    parsers = [main, *(_parse(built.read_text(name)) for name in files)]
    return tuple(command for parser in parsers for command in _list_commands(parser))


def _find_configuration(built: OpenImage, argv: tuple[str, ...]) -> str | None:
    named = [
        word for option, word in zip(argv, (*argv[1:], ""), strict=True) if option in _FILE_OPTIONS
    ]
    joined = [word.partition("=")[2] for word in argv if word.startswith("--configuration=")]
    for name in (*named, *joined) or _DEFAULT_FILES:
        path = built.paths.resolve(posixpath.join(built.workdir, name))
        if path and built.paths.is_file(path):
            return path
    return None


def _list_included_files(built: OpenImage, folder: str, patterns: list[str]) -> Iterator[str]:
    """Yield the files that match patterns, which are relative to the folder of the main file."""
    absolute = [posixpath.join("/", folder, pattern)[1:] for pattern in patterns]
    matches = (
        path
        for pattern in absolute
        for path in sorted(fnmatch.filter(built.tree, pattern))
        if path.count("/") == pattern.count("/")
    )
    yield from islice(matches, _MAX_FILES)


def _parse(text: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=False, inline_comment_prefixes=(";",))
    try:
        parser.read_string(text)
    except Error:
        return ConfigParser()
    return parser


def _list_commands(parser: ConfigParser) -> Iterator[str]:
    for section in parser.sections():
        command = parser.get(section, "command", fallback="")
        if section.startswith("program:") and command:
            yield " ".join(command.split())
