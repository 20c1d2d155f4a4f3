"""Scripts that a container starts: of package.json and of the shell, and files that Node runs.

What cannot be read is not known. The rules that ask then report nothing.
"""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.advise.copied_scripts import CopiedScripts
from bot.advise.node_imports import ImportedPackages
from bot.advise.node_manifests import read_scripts
from bot.advise.project_files import has_files
from bot.advise.started_commands import read_start_commands
from bot.advise.subject import RuleInput
from bot.dockerfile.shell_programs import POSIX_SHELLS

PACKAGE_MANAGERS = ("npm", "yarn", "pnpm", "bun")
_NODE_PROGRAMS = ("node", "nodejs", "bun")
_SCRIPT_VERBS = ("run", "run-script")
_SCRIPT = re.compile(r"\.(?:sh|bash)$|entrypoint|^/.+/[\w-]+$")
_SCRIPT_NAME = re.compile(r"\.(?:sh|bash)$|entrypoint")
_SHELL_COMMENT = re.compile(r"(?m)(?:^|\s)#.*$")
_SHELL_LINE = re.compile(r"#!.*\b(?:ba|da|a|k|z)?sh\b")
_OTHER_LANGUAGE = re.compile(r"#!.*\b(?:python|ruby|node|php|perl|make|tclsh|java)")
_WORD = re.compile(r"[^\s;&|()\"']+")
# `npm run -s build`, `yarn build`: a script that another one runs.
_SCRIPT_CALL = re.compile(r"\b(?:npm|yarn|pnpm|bun|run-s|run-p|npm-run-all)((?:\s+[\w:./=@*-]+)+)")
# `bash build.sh`, `. ./env.sh`: a script that another one starts.
_SHELL_CALL = re.compile(
    r"(?m)(?:^|&&|\|\||[;|(!]|\b(?:then|do|else|exec)\b)[ \t]*"
    r"(?:(?:(?:/usr)?/bin/)?(?:ba|da|a)?sh[ \t]+|(?:\.|source)[ \t]+)?"
    r"([\w./-]+\.(?:sh|bash))(?![\w.-])"
)
# Options and programs with which a script runs those of a workspace.
_WORKSPACE_WORDS = frozenset(
    {"-w", "--workspace", "--workspaces", "workspace", "--filter", "-F", "--prefix", "--cwd", "-C"}
)
_WORKSPACE_RUNNERS = frozenset({"turbo", "lerna"})


@dataclass(slots=True)
class StartedScripts:
    """The texts of scripts that a container starts, and the packages that files of Node import.

    `package_scripts` are those of package.json, `shell_scripts` others, without their comments;
    `shell_sources` are those of the latter that the shell runs, as they are.
    `has_unknown_script` is True if package.json does not have a script, or a workspace has it,
    `has_unread_file` if a script of the shell is not in the context, and `has_unread_manifest` if
    package.json is not.
    """

    package_scripts: list[str] = field(default_factory=list)
    shell_scripts: list[str] = field(default_factory=list)
    shell_sources: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    packages: ImportedPackages = field(default_factory=ImportedPackages)
    has_unknown_script: bool = False
    has_unread_file: bool = False
    has_unread_manifest: bool = False

    @property
    def package_words(self) -> frozenset[str]:
        """Return the words of the scripts of package.json."""
        return frozenset(word for text in self.package_scripts for word in _WORD.findall(text))

    @property
    def texts(self) -> tuple[str, ...]:
        """Return all texts."""
        return (*self.package_scripts, *self.shell_scripts, *self.commands)


def read_started_scripts(rule_input: RuleInput) -> StartedScripts:
    """Return what the start commands run, as far as the build context shows it."""
    return _Reader(rule_input).read()


class _Reader:
    def __init__(self, rule_input: RuleInput) -> None:
        self._rule_input = rule_input
        self._files = CopiedScripts(rule_input)
        self._folder = find_final_folder(rule_input)
        self._scripts = read_scripts(rule_input, self._folder)
        self._names: set[str] = set()
        self._shell_texts: set[str] = set()
        self._started = StartedScripts()

    def read(self) -> StartedScripts:
        for command in read_start_commands(self._rule_input).commands:
            self._read_command(command)
        for text in self._started.texts:
            self._read_node_files(text)
        return self._started

    def _read_command(self, command: tuple[str, ...]) -> None:
        program = posixpath.basename(command[0])
        # `bun src/server.ts` starts a file, `bun start` a script.
        if program in PACKAGE_MANAGERS and not any("." in word for word in command[1:2]):
            self._read_package_command(command)
            return
        words = command[1:2] if program in POSIX_SHELLS else command[:1]
        script = next(filter(self._is_script, words), None)
        text = self._read_script(script, is_operand=script in command[1:]) if script else None
        rest = command[command.index(script) + 1 :] if script else ()
        # Most entry scripts start their arguments: `./wait.sh npm start`.
        if rest and (text is None or "$@" in text):
            self._read_command(rest)
        if text is not None:
            self._read_shell_script(text)
            return
        if script is not None and has_files(self._rule_input) and _is_unread_script(script):
            self._started.has_unread_file = True
        self._started.commands.append(" ".join(command))

    def _is_script(self, word: str) -> bool:
        """Return True for a script, by its name or by the first line of its file: `bin/web`."""
        if _SCRIPT.search(word) or "/" not in word:
            return bool(_SCRIPT.search(word))
        return bool(_SHELL_LINE.match(self._read_path(word) or ""))

    def _read_script(self, script: str, *, is_operand: bool) -> str | None:
        """Return the text of a script; a program without a folder may be anywhere in `PATH`."""
        is_path = is_operand or "/" in script
        return self._read_path(script) if is_path else self._files.read(script)

    def _read_path(self, path: str) -> str | None:
        return self._files.read(posixpath.normpath(posixpath.join(self._folder or "/", path)))

    def _read_package_command(self, command: tuple[str, ...]) -> None:
        words = command[1:]
        if _names_workspace(words):
            self._started.has_unknown_script = True
        names = [x for x in words if x not in _SCRIPT_VERBS and not x.startswith("-")]
        name = names[0] if names else ""
        if self._scripts is not None and name in (*self._scripts, "start"):
            self._read_package_script(name)
            return
        self._started.has_unknown_script |= self._scripts is not None
        self._started.has_unread_manifest |= has_files(self._rule_input)
        self._started.commands.append(" ".join(command))

    def _read_package_script(self, name: str) -> None:
        """Read a script of package.json, what npm runs before and behind it, and what it runs."""
        if name in self._names or self._scripts is None:
            return
        self._names.add(name)
        # npm: without the script, `start` is `node server.js`.
        default = {"start": "node server.js"}
        for key in (f"pre{name}", name, f"post{name}"):
            if text := self._scripts.get(key, default.get(key, "")):
                self._started.package_scripts.append(text)
                self._follow_scripts(text)

    def _read_shell_script(self, text: str) -> None:
        """Read a script, and those that it starts by their names."""
        if text in self._shell_texts:
            return
        self._shell_texts.add(text)
        if not _OTHER_LANGUAGE.match(text):
            self._started.shell_sources.append(text)
        text = _SHELL_COMMENT.sub("", text)
        self._started.shell_scripts.append(text)
        self._follow_scripts(text)
        for name in _SHELL_CALL.findall(text):
            inner = self._read_path(name)
            if inner is not None:
                self._read_shell_script(inner)

    def _follow_scripts(self, text: str) -> None:
        for match in _SCRIPT_CALL.finditer(text):
            words = match[1].split()
            if _names_workspace(words):
                self._started.has_unknown_script = True
            for name in (word for word in words if word in (self._scripts or {})):
                self._read_package_script(name)
        if not _WORKSPACE_RUNNERS.isdisjoint(_WORD.findall(text)):
            self._started.has_unknown_script = True

    def _read_node_files(self, text: str) -> None:
        words = _WORD.findall(text)
        for program, *following in (words[index:] for index in range(len(words))):
            if posixpath.basename(program) in _NODE_PROGRAMS:
                for path in _list_node_files(following):
                    absolute = posixpath.join(self._folder or "/", path)
                    self._started.packages.read(self._files, absolute)


def find_final_folder(rule_input: RuleInput) -> str | None:
    """Return the working directory of the container; None if only the base image defines it."""
    folder: str | None = None
    for step in rule_input.steps:
        folder = step.workdir
        if step.instruction.keyword == "WORKDIR":
            folder = step.resolve_path(step.instruction.argument_text.text.strip("\"'"))
    return folder


def _names_workspace(words: Sequence[str]) -> bool:
    return not _WORKSPACE_WORDS.isdisjoint(word.partition("=")[0] for word in words)


def _is_unread_script(path: str) -> bool:
    """Return True for a script, by its name; a path without a suffix may be what a build makes."""
    return bool(_SCRIPT_NAME.search(path))


def _list_node_files(words: list[str]) -> Iterator[str]:
    """Yield the file that Node runs, and the modules that options name: `-r ts-node/register`."""
    is_value = False
    for word in words:
        if is_value:
            yield f"module:{word}"
        elif not word.startswith("-"):
            yield word
            return
        is_value = word in ("-r", "--require", "--import", "--loader", "--experimental-loader")
