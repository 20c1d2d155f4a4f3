"""`apt-get install` without `--no-install-recommends`."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from bot.advise.dockerfile_changes import insert_after
from bot.advise.finding import Finding, FixSafety
from bot.advise.recommended_needs import GIT_PACKAGES, GitNeeds, find_unnamed_program
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Word
from bot.image.archives.reference import split_reference
from bot.pattern_lists import compile_sections

_MESSAGE = (
    "Without it, apt also installs recommended packages. Check which of them the program needs, "
    "and add those by name (often `ca-certificates`, which curl and git only recommend)."
)
_PROGRAM_MESSAGE = " One of them may have `{program}`, which this line calls."
# aptitude has another option, `--without-recommends`.
_APT_PROGRAMS = ("apt-get", "apt")
_COMMENT = re.compile(r"\brecommend(?:s|ed packages)\b", re.IGNORECASE)
_ALT_LINUX = re.compile(r"(?:^|/)alt(?:linux)?(?:[:./-]|$)")
# Its `apt.conf` turns them off: rocker-org/rocker, r-base.
_SETTING_IMAGES = re.compile(r"(?:.*/)?r-base(?:[:@].*)?")
# They bring a list of sources and a key, and recommend nothing: `mysql-apt-config_0.8_all.deb`.
_SOURCE_PACKAGE = re.compile(
    r"(?:.*/)?(?:[\w.+-]*-apt-(?:source|config)|[\w.+-]*-(?:archive-)?keyring|"
    r"packages-microsoft-prod)(?:[-_=].*)?(?:\.deb)?"
)
_BARE_PACKAGES = compile_sections(
    "bot.advise", "bare_packages.txt", "packages without recommended ones"
)
# These only recommend libc6-dev; g++ needs it by way of libstdc++-dev.
_BARE_COMPILER = re.compile(r"(?:gcc|gfortran|clang)(?:-\d+)?")
# They only recommend the certificates, without which they fetch nothing over HTTPS.
_FETCHERS = ("curl", "git", "wget")
# Of these, no variant has the certificates.
_BARE_IMAGES = ("debian", "ubuntu")
_WITH_HEADERS = re.compile(r"build-essential|g\+\+(?:-\d+)?|libc6?-dev|libstdc\+\+-\d+-dev")
# hadolint DL3015, which does not see an `apt.conf` written earlier.
_OPTION_NAME, _SETTING_NAME = "install-recommends", "::install-recommends"


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that installs recommended packages, unless a setting turns them off."""
    # The apt-get of ALT Linux installs RPMs, and knows no recommended packages.
    base = rule_input.base_image or ""
    if _ALT_LINUX.search(base) or _SETTING_IMAGES.fullmatch(base):
        return
    installed, git_needs = set[str](), GitNeeds(rule_input)
    is_bare = split_reference(base).name in _BARE_IMAGES
    # In order, up to the line that turns recommended packages off for all that follow.
    for step in rule_input.steps:
        calls = [
            call
            for call in step.calls
            if _installs_recommends(call)
            and not _is_removed_again(step, call)
            # apt adds nothing to packages that are installed already.
            and not _list_packages(call) <= installed
            and not all(map(_brings_nothing, _list_packages(call)))
        ]
        installed.update(*map(_list_packages, filter(_installs, step.calls)))
        is_missing = is_bare and "ca-certificates" not in installed
        if calls and not _disables_recommends_in_run(step) and not _wants_them(rule_input, step):
            needs = git_needs.list_packages(step, installed)
            yield _build_finding(rule_input, step, calls, needs, has_certificates=not is_missing)
        if _disables_recommends(step.instruction):
            return


def _build_finding(
    rule_input: RuleInput,
    step: Step,
    calls: Sequence[Call],
    needs: Sequence[str],
    *,
    has_certificates: bool,
) -> Finding:
    """Build the finding; without an edit if a recommended package may have a program of the line.

    The flag drops ca-certificates, openssh-client, fonts: a build must show what is missing.
    """
    title = "Use `--no-install-recommends`"
    if program := find_unnamed_program(rule_input, step):
        return Finding(step.instruction, title, _MESSAGE + _PROGRAM_MESSAGE.format(program=program))
    changes = tuple(
        change
        for call in calls
        for change in _list_changes(call, has_certificates=has_certificates, needs=needs)
    )
    return Finding(step.instruction, title, _MESSAGE, changes=changes, safety=FixSafety.NEEDS_CHECK)


def _wants_them(rule_input: RuleInput, step: Step) -> bool:
    """Return True if a comment speaks of them: "we DO want recommends" (apache/couchdb-docker)."""
    comments = rule_input.dockerfile.find_comments(step.instruction)
    return any(_COMMENT.search(comment.text) for comment in comments)


def _list_changes(
    call: Call, *, has_certificates: bool, needs: Sequence[str]
) -> Iterator[TextChange]:
    yield from _build_changes(call)
    # Behind the word that recommends them.
    added = defaultdict[Word, list[str]](list)
    for names, packages in (
        (_FETCHERS, () if has_certificates else ("ca-certificates",)),
        (GIT_PACKAGES, needs),
    ):
        words = [word for word in call.operands[1:] if word.text in names]
        if words:
            added[words[-1]] += packages
    yield from (insert_after(word, " ".join(names)) for word, names in added.items() if names)


def _build_changes(call: Call) -> Iterator[TextChange]:
    """Add the option, and the headers without which a compiler compiles nothing."""
    yield insert_after(call.operands[0], "--no-install-recommends")
    names = [word.text.partition("=")[0] for word in call.operands[1:]]
    compilers = [word for word in call.operands[1:] if _BARE_COMPILER.fullmatch(word.text)]
    if compilers and not any(map(_WITH_HEADERS.fullmatch, names)):
        yield insert_after(compilers[-1], "libc6-dev")


def _disables_recommends(instruction: Instruction) -> bool:
    """Return True if an instruction turns them off, for example in an `apt.conf`."""
    texts = (*(x.body.text for x in instruction.heredocs), instruction.text)
    return any(_SETTING_NAME in text.lower() for text in texts)


def _brings_nothing(package: str) -> bool:
    """Return True for a package that recommends none, or only brings a list of sources."""
    return bool(_SOURCE_PACKAGE.fullmatch(package) or _BARE_PACKAGES.match(package))


def _installs(call: Call) -> bool:
    return call.name in _APT_PROGRAMS and call.subcommand == "install"


def _list_packages(call: Call) -> set[str]:
    """Return the packages that a call names, as written."""
    return {word.text for word in call.operands[1:]}


def _installs_recommends(call: Call) -> bool:
    is_dry = call.has_option("-s", "--dry-run", "--simulate", "--print-uris", "--help")
    return (
        _installs(call)
        and not is_dry
        and not any(_OPTION_NAME in word.text.lower() for word in call.arguments)
    )


def _is_removed_again(step: Step, install: Call) -> bool:
    """Return True if the same `RUN` removes all packages of a call, and what came with them."""
    removals = [
        call
        for call in step.calls
        if call.name in _APT_PROGRAMS and call.subcommand in ("remove", "purge", "autoremove")
    ]
    removed = {word.text for call in removals for word in call.operands[1:]}
    takes_along = any(
        call.subcommand == "autoremove" or call.has_option("--auto-remove", "--autoremove")
        for call in removals
    )
    return takes_along and {word.text for word in install.operands[1:]} <= removed


def _disables_recommends_in_run(step: Step) -> bool:
    """Return True if the same `RUN` writes such a setting."""
    script = step.instruction.script
    return script is not None and any(
        _OPTION_NAME in word.text.lower() and not (command.name or "").startswith("apt")
        for command in script.commands
        for word in command.words
    )
