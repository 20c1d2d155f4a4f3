"""The words of a text that are commands, and those that are only words."""

import pytest

from bot.image.program_mentions import find_mentioned_programs, starts_programs

PROGRAMS = frozenset(
    [
        "git",
        "ps",
        "file",
        "make",
        "perl",
        "python3",
        "xz",
        "less",
        "curl",
        "import",
        "convert",
        "go",
        "unzip",
        "msgfmt",
        "tool",
        "test",
        "patch",
        "top",
        "size",
        "gcc",
    ]
)


@pytest.mark.parametrize(
    ("text", "program"),
    [
        # Functions with any name
        ("execAsync('git ls-remote --heads ' + url)", "git"),
        ("await execAsync(`git clone ${url} /tmp/clone`)", "git"),
        ("execPromise(`file ${path}`)", "file"),
        ("execFileP('perl', ['-e', code])", "perl"),
        ("return runner.run(['make', target])", "make"),
        ('sh("cd x && make all")', "make"),
        ('spawnIt("unzip", args)', "unzip"),
        ('subprocess.run(\n    ["file", path],\n    check=True)', "file"),
        ('subprocess.run(\n    [\n        "file",\n        path])', "file"),
        # Variables and constants
        ('cmd = ["ps", "aux"]\nrun(cmd)', "ps"),
        ('PERL = "perl"', "perl"),
        ('MAKE = "/usr/bin/make"', "make"),
        ('program = "msgfmt"', "msgfmt"),
        ('exports.compressor = "xz"', "xz"),
        ("const pager = 'less'", "less"),
        ("const PYTHON = process.env.PYTHON || 'python3';", "python3"),
        ('const TOOL: &str = "make";', "make"),
        ('var tool = "make"\ncmd := exec.Command(tool, args...)', "make"),
        ('args := []string{"make", "-C", dir}', "make"),
        ('name, args := "perl", []string{"-v"}', "perl"),
        ('String[] cmd = {"make", "all"};', "make"),
        ('List<String> command = List.of("perl", "-v");', "perl"),
        ('new ProcessBuilder(Arrays.asList("file", path))', "file"),
        ('Runtime.getRuntime().exec(new String[]{"file", path})', "file"),
        # Tables
        ("const cmds = { build: 'make all', list: 'ps aux' }", "make"),
        ("const cmds = { build: 'make all', list: 'ps aux' }", "ps"),
        ('TOOLS = {\n    "mime": ["file", "--brief"],\n}', "file"),
        ('COMPRESSORS = {"xz": "xz -9", "gz": "gzip"}', "xz"),
        ('const LIST = [["ps", "aux"], ["git", "log"]]', "ps"),
        # Commands that are split, and shells
        ('run("file --brief --mime-type app.py".split())', "file"),
        ('run("git log --oneline".split())', "git"),
        ('words = shlex.split("make build")', "make"),
        ('strings.Fields("make build")', "make"),
        ('"make build".split_whitespace()', "make"),
        ("%w[make build]", "make"),
        ("%x(make build)", "make"),
        ("out = `file -b #{path}`", "file"),
        ("$out = shell_exec('file ' . $x);", "file"),
        ("$out = `perl -v`;", "perl"),
        ("my @lines = qx{git log -1};", "git"),
        ("from sh import git, tar", "git"),
        ("from plumbum.cmd import xz", "xz"),
        ("import sh\nprint(sh.git.log())", "git"),
        ('run("cat x | xz -d > y")', "xz"),
        ('run("cat x | less")', "less"),
        ('x = "LANG=C git log"', "git"),
        ('x = "sudo make -j4 install"', "make"),
        ('"""\n  git clone {url}\n  cd x\n"""', "git"),
        ('SCRIPT = "perl -ne print"', "perl"),
    ],
)
def test_commands(text: str, program: str) -> None:
    assert program in set(find_mentioned_programs(text, PROGRAMS))


@pytest.mark.parametrize(
    "text",
    [
        'raise NotFound("file not found")',
        'request.files["file"]',
        'form.append("file", blob)',
        "log(`file ${name} is missing`)",
        'print("make sure that it runs")',
        '"less than two"',
        '"git is required"',
        "// use git, please\n",
        "import foo\nfile = open(name)\nmake(x)\n",
        '{"type": "test", "lang": "go"}',
        "{ label: 'top', value: 1 }",
        '"convert to pdf"',
        'Name string `json:"git"`',
        "go func() { work() }()",
        '["file", "image", "video"]',
        'methods: ["get", "patch", "post"]',
        "app.patch('/x')",
        '@app.route("/top")',
        'http("patch", url)',
        'title: "Import data"',
        "a | size",
    ],
)
def test_words(text: str) -> None:
    assert set(find_mentioned_programs(text, PROGRAMS)) == set()


def test_further_words_count_as_ambiguous() -> None:
    text = 'mode = "tool"'
    assert list(find_mentioned_programs(text, PROGRAMS)) == ["tool"]
    assert list(find_mentioned_programs(text, PROGRAMS, frozenset({"tool"}))) == []


@pytest.mark.parametrize(
    "text",
    [
        "const execAsync = util.promisify(require('child_process').exec)",
        "import subprocess",
        'import "os/exec"',
        "version = `git rev-parse HEAD`",
        "use std::process::Command;",
        "new ProcessBuilder(command)",
        "$process = new Symfony\\Component\\Process\\Process($command);",
        'System.cmd("git", ["log"])',
    ],
)
def test_sources_that_start_programs(text: str) -> None:
    assert starts_programs(text)


def test_a_word_of_a_sentence_starts_none() -> None:
    assert not starts_programs('const help = "usage of a subprocess is added to its parent"\n')
    assert starts_programs("import os, subprocess as sub\n")
    assert starts_programs("from asyncio.subprocess import PIPE\n")


def test_a_source_that_starts_none() -> None:
    assert not starts_programs("const a = `text`; regex.exec(a); ecosystem(); // process\n")


def test_packages_of_go_are_no_programs() -> None:
    imports = 'import (\n\t"fmt"\n\tx "strings"\n)\nimport "sort"\n'
    text = f'package main\n\n{imports}\nvar tool = "strings"\n'
    programs = frozenset(["fmt", "sort", "strings"])
    assert set(find_mentioned_programs(imports + text, programs)) == {"strings"}
    assert "fmt" in set(find_mentioned_programs(imports, programs))


def test_keys_of_maps_in_go_are_no_programs() -> None:
    text = 'package config\n\nfunc read() {\n\tif names, ok := fields["comm"]; ok {\n\t}\n'
    assert set(find_mentioned_programs(text, {"comm"})) == set()
    commands = 'package config\n\nvar tools = []string{"comm", "-1"}\nvar rows = [2]string{"tac"}\n'
    assert set(find_mentioned_programs(commands, {"comm", "tac"})) == {"comm", "tac"}
    assert set(find_mentioned_programs('local["comm"]("-1")', {"comm"})) == {"comm"}
