"""Instructions that BuildKit's `instructions.Parse` refuses.

The model is frontend/dockerfile/instructions (parse.go, bflag.go, commands_run*.go) in
moby/buildkit.
What is refused only once variables have values is not among it.
"""

import re
from collections.abc import Callable, Mapping

from bot.dockerfile.arguments import Flag, parse_heredoc_marker, split_pairs
from bot.dockerfile.durations import parse_duration_ns
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.source_text import BLANK

# The flags of each `parse…` function in parse.go, and of the hooks in commands_run*.go.
_SWITCH, _TEXT, _TEXTS = "switch", "text", "texts"
_COPY_FLAGS = {"chown": _TEXT, "chmod": _TEXT, "link": _SWITCH, "exclude": _TEXTS}
_INTERVAL_FLAGS = ("interval", "timeout", "start-period", "start-interval")
_FLAGS: Mapping[str, Mapping[str, str]] = {
    "ADD": {**_COPY_FLAGS, "keep-git-dir": _SWITCH, "checksum": _TEXT, "unpack": _SWITCH},
    "COPY": {**_COPY_FLAGS, "from": _TEXT, "parents": _SWITCH},
    "FROM": {"platform": _TEXT},
    "HEALTHCHECK": {**dict.fromkeys(_INTERVAL_FLAGS, _TEXT), "retries": _TEXT},
    "RUN": {"mount": _TEXTS, "network": _TEXT, "security": _TEXT, "device": _TEXTS},
}
# BuildKit never looks at the flags of these.
_FLAGS_IGNORED = ("ARG", "STOPSIGNAL")
_WORD_COUNTS = {  # the least number of words, and the largest
    "ADD": (2, None),
    "ARG": (1, None),
    "CMD": (0, None),
    "COPY": (2, None),
    "ENTRYPOINT": (0, None),
    "ENV": (1, None),
    "EXPOSE": (1, None),
    "FROM": (1, 3),
    "HEALTHCHECK": (1, None),
    "LABEL": (1, None),
    "MAINTAINER": (1, 1),
    "ONBUILD": (0, None),
    "RUN": (0, None),
    "SHELL": (1, None),
    "STOPSIGNAL": (1, 1),
    "USER": (1, 1),
    "VOLUME": (1, None),
    "WORKDIR": (1, 1),
}
# `validStageName` of parse.go, which lowers the name first.
_STAGE_NAME = re.compile(r"[a-z][a-z0-9-_.]*")
_RUN_MODES = {"network": ("default", "none", "host"), "security": ("insecure", "sandbox")}
# A line of encoding/csv: a quote stands around a whole field, or doubled inside of one.
_CSV_FIELD = r'(?:"(?:[^"]|"")*"|[^",]*)'
_CSV_LINE = re.compile(f"{_CSV_FIELD}(?:,{_CSV_FIELD})*", re.DOTALL)
# What Go's strconv.ParseBool takes.
_BOOLEANS = ("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False")
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,20}")
_MAX_RETRIES = 2**31 - 1
_NANOSECONDS_IN_MS = 1_000_000


def find_instruction_refusal(statement: Instruction, escape: str) -> str:
    """Return the reason for which BuildKit refuses an instruction; empty if there is none."""
    keyword = statement.keyword
    counts = _WORD_COUNTS.get(keyword)
    if counts is None:
        return f"{keyword!r} is not an instruction"
    least, most = counts
    if len(statement.words) < least:
        return f"{keyword} needs {least} argument{'s' if least > 1 else ''}"
    if most is not None and len(statement.words) > most:
        return f"{keyword} takes {most} argument{'s' if most > 1 else ''}"
    find_refusal = _CHECKS.get(keyword)
    reason = find_refusal(statement, escape) if find_refusal else ""
    return reason or _find_flag_refusal(keyword, statement)


def _find_flag_refusal(keyword: str, statement: Instruction) -> str:
    # parseHealthcheck returns at NONE, before it reads any flag.
    is_none = keyword == "HEALTHCHECK" and statement.words[0].upper() == "NONE"
    if keyword in _FLAGS_IGNORED or is_none:
        return ""
    kinds = _FLAGS.get(keyword, {})
    names: set[str] = set()
    for flag in statement.flags:
        kind = kinds.get(flag.name)
        if kind is None:
            return f"{keyword} has no flag --{flag.name}"
        if flag.name in names and kind != _TEXTS:
            return f"--{flag.name} is given twice"
        names.add(flag.name)
        if reason := _find_value_refusal(flag, kind):
            return reason
    return ""


def _find_value_refusal(flag: Flag, kind: str) -> str:
    if kind != _SWITCH:
        return f"--{flag.name} has no value" if flag.value is None else ""
    is_boolean = flag.value is None or flag.value.lower() in ("true", "false")
    return "" if is_boolean else f"--{flag.name} takes true or false, not {flag.value!r}"


def _check_from(statement: Instruction, escape: str) -> str:
    words = statement.words
    if len(words) == 2 or (len(words) == 3 and words[1].lower() != "as"):
        return "FROM takes an image, and `AS` with a name"
    if len(words) == 3 and not _STAGE_NAME.fullmatch(words[2].lower()):
        return (
            f"{words[2]!r} cannot name a stage: a letter has to come first, then letters, digits, "
            "`-`, `_` or `.`"
        )
    return ""


def _check_pairs(statement: Instruction, escape: str) -> str:
    pairs = split_pairs(statement.argument_text.text, escape)
    return "" if all(name for name, _ in pairs) else f"{statement.keyword} has a value without name"


def _check_arg(statement: Instruction, escape: str) -> str:
    return "ARG has a value without name" if any(x.startswith("=") for x in statement.words) else ""


def _check_copy(statement: Instruction, escape: str) -> str:
    is_heredoc = parse_heredoc_marker(statement.words[-1]) is not None
    return f"the destination of {statement.keyword} cannot be a heredoc" if is_heredoc else ""


def _check_onbuild(statement: Instruction, escape: str) -> str:
    if statement.onbuild is None:
        return "ONBUILD needs an instruction after it"
    keyword = statement.onbuild.keyword.strip(BLANK).upper()
    is_refused = keyword in ("ONBUILD", "MAINTAINER", "FROM")
    return f"{keyword} may not follow ONBUILD" if is_refused else ""


def _check_shell(statement: Instruction, escape: str) -> str:
    return "" if statement.is_json else "SHELL takes a JSON list of strings"


def _check_volume(statement: Instruction, escape: str) -> str:
    is_blank = any(not word.strip(BLANK) for word in statement.words)
    return "the path of a VOLUME is empty" if is_blank else ""


def _check_healthcheck(statement: Instruction, escape: str) -> str:
    kind, *command = statement.words
    if kind.upper() == "NONE":
        return "HEALTHCHECK NONE takes no arguments" if command else ""
    if kind.upper() != "CMD":
        return f"HEALTHCHECK takes CMD or NONE, not {kind!r}"
    if not command:
        return "no command comes after HEALTHCHECK CMD"
    for flag in statement.flags:
        if flag.name in _INTERVAL_FLAGS and flag.value and not _is_interval(flag.value):
            return (
                f"--{flag.name}={flag.value} is not a duration of a millisecond or more, such as 5s"
            )
        if flag.name == "retries" and flag.value and not _is_retry_count(flag.value):
            return f"--retries={flag.value} is not a number of tries"
    return ""


def _is_interval(value: str) -> bool:
    duration_ns = parse_duration_ns(value)
    # Zero stands for the value that is inherited from the base image.
    return duration_ns is not None and (duration_ns == 0 or duration_ns >= _NANOSECONDS_IN_MS)


def _is_retry_count(value: str) -> bool:
    return bool(_WHOLE_NUMBER.fullmatch(value)) and 0 <= int(value) <= _MAX_RETRIES


def _check_run(statement: Instruction, escape: str) -> str:
    for flag in statement.flags:
        value = flag.value or ""
        if flag.name in _RUN_MODES and value not in _RUN_MODES[flag.name]:
            return f"--{flag.name} takes {' or '.join(_RUN_MODES[flag.name])}, not {value!r}"
        if flag.name in ("mount", "device") and not (value and _CSV_LINE.fullmatch(value)):
            return (
                f"the quotes of {flag.text!r} do not match" if value else f"{flag.text!r} is empty"
            )
        if flag.name == "device" and (reason := _find_device_refusal(value)):
            return reason
    # BuildKit looks for `\$.` (commands_runmount.go): a dollar at the very end is no variable.
    names = (mount.options.get("from", "") for mount in statement.mounts)
    if any("$" in name[:-1] for name in names):
        return "`from` of a mount takes no variables: name a stage for the image"
    return ""


def _find_device_refusal(value: str) -> str:
    """Return the reason to refuse a `--device`: it has one name, and perhaps `required`."""
    name = ""
    for field in value.split(","):
        key, equals, setting = field.partition("=")
        if key.lower() == "required":
            if equals and setting not in _BOOLEANS:
                return f"{field!r} of a device is neither true nor false"
        elif name:
            return f"{field!r} is a second name of a device"
        else:
            name = setting if equals and key.lower() == "name" else field
    return ""


_CHECKS: Mapping[str, Callable[[Instruction, str], str]] = {
    "ADD": _check_copy,
    "ARG": _check_arg,
    "COPY": _check_copy,
    "ENV": _check_pairs,
    "FROM": _check_from,
    "HEALTHCHECK": _check_healthcheck,
    "LABEL": _check_pairs,
    "ONBUILD": _check_onbuild,
    "RUN": _check_run,
    "SHELL": _check_shell,
    "VOLUME": _check_volume,
}
