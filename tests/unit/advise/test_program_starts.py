"""Programs that sources start."""

import pytest

from bot.advise.program_starts import starts_compiler
from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import make_rule_input


@pytest.mark.parametrize(
    ("path", "text", "is_start"),
    [
        ("judge.py", 'subprocess.run(["g++", "-O2", path])', True),
        ("run.js", "exec(`gcc ${path} -o a`)", True),
        ("cmd/main.go", 'exec.Command("go build", x)', True),
        ("Runner.java", 'new ProcessBuilder("/usr/bin/javac", file)', True),
        ("judge.py", 'LANGUAGES = {"gcc": "C"}', False),
        ("judge.py", "# needs gcc", False),
        ("run.py", 'call(["make", "-C", path])', True),
        ("run.js", "execSync('make all -j', options)", False),
        ("words.rs", 'static WORDS: &[&str] = &["mainly", "make", "many"];', False),
        ("judge.txt", '["gcc", "x"]', False),
        ("tests/judge.py", '["gcc", "x"]', False),
        ("setup.py", '["gcc", "x"]', False),
        ("node_modules/x/y.js", '["gcc", "x"]', False),
    ],
)
def test_a_compiler_is_a_word_of_a_command(path: str, text: str, is_start: bool) -> None:
    context = BuildContext({path: 9}, read_text={path: text}.__getitem__)
    assert starts_compiler(make_rule_input("FROM a\n", context=context)) is is_start
