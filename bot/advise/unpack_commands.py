"""Commands that unpack an archive, and the word that names it: tar(1), unzip(1), 7z."""

from itertools import pairwise

from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Word

_TAR_PROGRAMS = ("tar", "bsdtar", "gtar")
# The letters of tar's old form without a dash that take a word each, in their order.
_TAR_LETTERS_WITH_WORD = "bfCTVXFgHIKLN"
_UNZIP_OPTIONS_WITH_VALUE = ("-d", "-P", "-x")
_UNZIP_LISTING = frozenset("lptvZ")  # these write no files


def find_archive(call: Call) -> Word | None:
    """Return the archive that a command unpacks; None for any other command."""
    if call.name == "unzip":
        return _find_zip_archive(call)
    if call.name in ("7z", "7za") and call.subcommand in ("x", "e"):
        return call.operands[1] if len(call.operands) > 1 else None
    return _find_tar_archive(call) if call.name in _TAR_PROGRAMS else None


def _find_zip_archive(call: Call) -> Word | None:
    skip_next = False
    for word in call.arguments:
        if skip_next:
            skip_next = False
        elif word.text.startswith("-"):
            skip_next = word.text in _UNZIP_OPTIONS_WITH_VALUE
            if _UNZIP_LISTING & set(word.text[1:]):
                return None
        else:
            return word
    return None


def _find_tar_archive(call: Call) -> Word | None:
    """Return the word that belongs to `f` or `--file`, if the command extracts."""
    arguments = call.arguments
    short = [word for word in arguments if word.text.startswith("-") and word.text[1:2] != "-"]
    # `tar xzf a.tgz`: the first word has the options, and each that takes a value a further word.
    is_old_form = bool(arguments) and arguments[0].text.isalpha()
    options = [*(arguments[:1] if is_old_form else ()), *short]
    is_extracting = any("x" in word.text for word in options) or call.has_option(
        "--extract", "--get"
    )
    if not is_extracting:
        return None
    if is_old_form and "f" in arguments[0].text:
        letters = [x for x in arguments[0].text if x in _TAR_LETTERS_WITH_WORD]
        index = 1 + letters.index("f")
        return arguments[index] if index < len(arguments) else None
    pairs = pairwise(arguments)
    return next(
        (
            following
            for word, following in pairs
            if word.text == "--file" or (word in short and word.text.endswith("f"))
        ),
        None,
    )
