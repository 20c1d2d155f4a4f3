"""Later commands that may read the apt package lists of a `RUN`.

To delete lists that an `apt-get install` of a later line wants breaks the build, and an
`apt-get upgrade` without lists upgrades nothing.
"""

import posixpath
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice

from bot.advise.project_files import read_only_file
from bot.advise.script_paths import resolve_word
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.shell_calls import Call, iter_script_calls
from bot.dockerfile.shell_programs import APT_PROGRAMS, POSIX_SHELLS
from bot.dockerfile.shell_script import Word
from bot.dockerfile.stages import Stage

# Subcommands of apt-get and apt that work without lists, or fetch them. All others read them.
_INDEPENDENT_SUBCOMMANDS = (
    "autoclean",
    "autopurge",
    "autoremove",
    "clean",
    "dist-clean",
    "distclean",
    "markauto",
    "purge",
    "remove",
    "update",
)
# Other programs that ask apt for packages: `xx-apt-get`, `apt-cache`, `mk-build-deps`.
_APT_WORD = re.compile(
    # Not the folders `/var/cache/apt` and `/etc/apt`.
    r"(?:^|[\s/'\"=;&|(-])(?<!cache/)(?<!lib/)(?<!log/)(?<!etc/)(?:apt|apt-get|aptitude|apt-cache|apt-fast|gdebi|mk-build-deps)(?:$|[\s'\";])"
)
_UPDATE_TEXT = re.compile(r"\b(?:apt|apt-get|aptitude)\b[^\n&|;]*\bupdate\b")
_LISTS_TEXT = re.compile(r"/var/lib/apt(?:/|\b)")
# Scripts that build a program or fetch a build tool, and leave packages to their user.
_OTHER_SCRIPTS = ("configure", "autogen.sh", "gradlew", "mvnw", "bootstrap.sh")
# They set variables: of a virtual environment, of ROS, Rust, Node, Java, Conda and emscripten.
_SETTING_SCRIPTS = (
    ".bashrc",
    ".profile",
    "activate",
    "conda.sh",
    "emsdk_env.sh",
    "nvm.sh",
    "sdkman-init.sh",
)
_SETTING_PATH = re.compile(r"(?:^|/)(?:\.cargo/env|opt/ros/[^/]+/setup\.\w+)$")
# `venv/bin/pip` of an environment.
_ENVIRONMENT_PROGRAM = re.compile(r"(?:^|/)bin/(?:pip|python|poetry|uv)[\d.]*")
# Each of them would be read to its end for each RUN: of a generated file that is the square of it.
_MAX_DERIVED_STAGES = 100
_SCRIPT_PROGRAMS = (*POSIX_SHELLS, ".", "source")


def fetches_lists(step: Step) -> bool:
    """Return True if a `RUN` runs `apt-get update`."""
    return any(call.name in APT_PROGRAMS and call.subcommand == "update" for call in step.calls)


class ListReaders:
    """The commands that read package lists, by the `RUN` that fetched them."""

    def __init__(self, rule_input: RuleInput) -> None:
        self._rule_input = rule_input

    def describe(self, step: Step) -> str | None:
        """Return a sentence, without its full stop, on what reads the lists; None for nothing."""
        # Lists from which this `RUN` installs nothing are there for another command.
        is_for_others = not installs_from_lists(step.instruction, after_update=True)
        if len(self._derived_stages.get(step.stage.index, ())) > _MAX_DERIVED_STAGES:
            return "Many stages start from this one, and may install packages from its lists"
        for instructions in self._list_successors(step):
            for instruction in instructions:
                sentence = self._describe_reader(instruction, any_script=is_for_others)
                if sentence:
                    return sentence
                # From there on, the lists are those of the later update.
                if _runs_update(instruction):
                    break
        return self._copy_sentence

    def _list_successors(self, step: Step) -> Iterator[Iterable[Instruction]]:
        """Yield what follows a step in its stage, and in each that starts from it."""
        instructions, line = step.stage.instructions, step.instruction.line_start
        start = bisect_right(instructions, line, key=lambda instruction: instruction.line_start)
        for stages in ((), *self._derived_stages.get(step.stage.index, ())):
            derived = chain.from_iterable(stage.instructions for stage in stages)
            yield chain(islice(instructions, start, None), derived)

    @cached_property
    def _derived_stages(self) -> Mapping[int, list[tuple[Stage, ...]]]:
        """Return the stages between each shipped one and those that start from it."""
        chains = [
            self._rule_input.plan.list_base_chain(stage)
            for stage in self._rule_input.dockerfile.stages
        ]
        return {
            stage.index: [
                stages[index + 1 :] for stages in chains if stages[index:-1][:1] == (stage,)
            ]
            for index, stage in enumerate(self._rule_input.final_stages)
        }

    @cached_property
    def _copy_sentence(self) -> str | None:
        """Return a sentence if a stage takes lists of another one."""
        for instruction in self._rule_input.dockerfile.statements:
            if instruction.from_names and _LISTS_TEXT.search(instruction.text):
                return f"Line {instruction.line_start} takes the lists from here"
        return None

    def _describe_reader(self, instruction: Instruction, *, any_script: bool) -> str | None:
        line = instruction.line_start
        inner = instruction.onbuild or instruction
        if inner.keyword in ("RUN", "CMD", "ENTRYPOINT") and installs_from_lists(inner):
            return f"Line {line} installs packages from the lists of this `RUN`"
        if inner.keyword == "RUN":
            for name in self._list_scripts(inner, any_script=any_script):
                if _may_read_lists(self._rule_input, name):
                    return (
                        f"The script `{name}` of line {line} may install packages from these lists"
                    )
        return None

    def _list_scripts(self, instruction: Instruction, *, any_script: bool) -> Iterator[str]:
        """Yield the scripts of the build context, or all scripts, that a `RUN` runs."""
        step = self._rule_input.get_step(instruction)
        urls = [x.text for call in step.calls for x in call.arguments if "://" in x.text]
        for call in step.calls:
            word = _find_script_word(call)
            if word is None or _is_other_script(word, () if any_script else urls):
                continue
            path = resolve_word(step, call, word)
            is_script = call.name in _SCRIPT_PROGRAMS or word.text.startswith("./")
            is_script = is_script or word.text.endswith(".sh")
            if (any_script and is_script) or self._is_copied(path, has_folder="/" in word.text):
                yield path

    def _is_copied(self, path: str, *, has_folder: bool) -> bool:
        """Return True if a script may come from the build context: by its name, or in a folder."""
        name = posixpath.basename(path)
        for source, destination in self._copied_pairs:
            if posixpath.basename(source) == name:
                return True
            # A source without a suffix, such as `scripts` or `.docker`, may be a folder with the
            # script in it.
            is_folder = "." not in posixpath.basename(source).lstrip(".") or "*" in source
            if has_folder and is_folder and _may_be_below(path, destination):
                return True
        return False

    @cached_property
    def _copied_pairs(self) -> list[tuple[str, str]]:
        """Return each source that comes from the build context, with its destination."""
        statements = self._rule_input.dockerfile.statements
        copies = [x for x in statements if x.keyword in ("ADD", "COPY")]
        return [
            (source, copy.words[-1])
            for copy in copies
            if copy.flag_value("from") is None
            for source in copy.words[:-1]
        ]


def _is_other_script(word: Word, urls: Sequence[str]) -> bool:
    """Return True if a script is none of the project: downloaded, installed, or for variables."""
    path = word.text.strip("\"'")
    name = posixpath.basename(path)
    is_downloaded = any(url.endswith(f"/{name}") for url in urls)
    is_program = "node_modules/" in path or bool(_ENVIRONMENT_PROGRAM.search(path))
    is_setting = name in _SETTING_SCRIPTS or bool(_SETTING_PATH.search(path))
    return not name or name in _OTHER_SCRIPTS or is_setting or is_program or is_downloaded


def installs_from_lists(instruction: Instruction, *, after_update: bool = False) -> bool:
    """Return True if an instruction asks apt for packages, before it updates the lists.

    Or at all, if a call behind an update counts, too.
    """
    if instruction.script is None or not instruction.script.is_complete:
        text = "\n".join([instruction.text, *(x.body.text for x in instruction.heredocs)])
        return bool(_APT_WORD.search(text)) and not _UPDATE_TEXT.search(text)
    for call in _iter_calls(instruction):
        if call.name in APT_PROGRAMS:
            if call.subcommand == "update" and not after_update:
                return False
            if call.subcommand and call.subcommand not in _INDEPENDENT_SUBCOMMANDS:
                return True
        # It asks apt-get for what the sources declare, and updates nothing.
        elif call.runs_subcommand("rosdep", "install"):
            return True
        elif _APT_WORD.search(" ".join([call.name, *(x.text for x in call.arguments)])):
            return not _UPDATE_TEXT.search(" ".join(x.text for x in call.arguments))
    return False


def _find_script_word(call: Call) -> Word | None:
    """Return the word that names the script that a call runs: behind a shell, or the first one."""
    if call.name in _SCRIPT_PROGRAMS:
        operands = [word for word in call.arguments if not word.text.startswith("-")]
        return operands[0] if operands and not call.command.inner else None
    names = [word for word in call.command.words if (word.value or "").endswith(call.name)]
    return names[0] if names else None


def _may_be_below(path: str, destination: str) -> bool:
    """Return True if a path is below a folder, or if one of the two is relative."""
    if not (path.startswith("/") and destination.startswith("/")):
        return not path.startswith("/")
    return path.startswith(destination.rstrip("/") + "/")


def _may_read_lists(rule_input: RuleInput, path: str) -> bool:
    """Return True if a script asks apt for packages, or if its text is unknown."""
    text = read_only_file(rule_input, posixpath.basename(path))
    # A script that updates first needs no lists of anybody.
    return text is None or bool(_APT_WORD.search(text) and not _UPDATE_TEXT.search(text))


def _runs_update(instruction: Instruction) -> bool:
    return any(
        call.name in APT_PROGRAMS and call.subcommand == "update"
        for call in (_iter_calls(instruction) if instruction.keyword == "RUN" else ())
    )


def _iter_calls(instruction: Instruction) -> Iterator[Call]:
    return iter_script_calls(instruction.script) if instruction.script else iter(())
