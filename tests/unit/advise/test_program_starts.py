"""Programs that sources start."""

import pytest

from bot.advise.program_starts import starts_compiler, starts_git, starts_installer
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


@pytest.mark.parametrize(
    ("path", "text", "is_start"),
    [
        ("start.rb", 'system "bundle install"', True),
        ("plugins/update.py", 'await execute("uv sync --all-extras")', True),
        ("run.py", 'check_call([sys.executable, "-m", "pip", "install", name])', True),
        ("run.py", 'subprocess.run(\n    ["npm", "ci"], check=True)', True),
        ("src/plugins.ts", "execSync(`pnpm add ${name}`)", True),
        ("plugin.rb", "%x(gem install x)", True),
        ("run.py", 'raise ImportError("run `pip install app[gpu]`")', False),
        ("run.py", "# system: bundle install", False),
        ("run.js", 'execSync("npm run lint")', False),
        ("scripts/start.py", 'os.system("pip install x")', False),
        ("fabfile.py", "run('pip install x')", False),
        ("start.md", 'system "bundle install"', False),
    ],
)
def test_an_installer_is_what_a_call_starts(path: str, text: str, is_start: bool) -> None:
    context = BuildContext({path: 9}, read_text={path: text}.__getitem__)
    assert starts_installer(make_rule_input("FROM a\n", context=context)) is is_start


@pytest.mark.parametrize(
    ("text", "is_start"),
    [
        ('await execute("git pull --all")', True),
        ('subprocess.check_output(["git", "-C", folder, "rev-parse", "HEAD"])', True),
        ('subprocess.check_output(["git", "rev-parse", "HEAD"])', True),
        ('subprocess.run(["git", "clone", url])', False),
        ('print("git pull first")', False),
    ],
)
def test_git_is_asked_by_a_call(text: str, is_start: bool) -> None:
    context = BuildContext({"app.py": 9}, read_text={"app.py": text}.__getitem__)
    assert starts_git(make_rule_input("FROM a\n", context=context)) is is_start
