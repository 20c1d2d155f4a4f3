"""Files of the context that no program reads."""

import pytest

from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import make_rule_input, run_rule

RULE = "needless-files-copied"
FULL = BuildContext({".git/x": 9_000_000, "node_modules/y": 5_000_000, "src/z": 1_000})


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("FROM a\nCOPY . /app", None),
        ("FROM a\nCOPY . /app", BuildContext({"src/x": 1})),
        ("FROM a\nCOPY src /app", FULL),
        ("FROM a\nCOPY src/ package.json /app/", FULL),
        ("FROM a AS b\nCOPY . /app\nFROM a\nCOPY --from=b /x /x", FULL),
        ("FROM a AS b\nFROM a\nCOPY --from=b . /app", FULL),
        ("FROM a\nCOPY --exclude=.git --exclude=node_modules . /app", FULL),
        ("FROM a\nCOPY --exclude=.* --exclude=**/y . /app", FULL),
        ("FROM a\nCOPY --exclude=$UNKNOWN . /app", FULL),
        ("FROM a\nCOPY --exclude=[ . /app", FULL),
        ("FROM gcr.io/oss-fuzz-base/base-builder-python\nCOPY . $SRC/x", FULL),
    ],
)
def test_not_reported(text: str, context: BuildContext | None) -> None:
    assert run_rule(RULE, make_rule_input(text, context=context)) == []


def test_reported_from_the_context() -> None:
    (finding,) = run_rule(RULE, make_rule_input("FROM a\nCOPY . /app\n", context=FULL))
    assert "git's history, the host's node modules" in finding.message
    assert "There is no `.dockerignore`" in finding.message
    assert finding.saving_bytes is None


def test_what_a_copy_excludes_is_not_named() -> None:
    text = "FROM a\nCOPY --exclude=.git . /app\n"
    (finding,) = run_rule(RULE, make_rule_input(text, context=FULL))
    assert "git's history" not in finding.message
    assert "the host's node modules" in finding.message


def test_the_history_is_kept_for_a_later_call_of_git() -> None:
    for run, named in (("git submodule update", False), ("git config x y", True)):
        text = f"FROM a\nCOPY . /app\nRUN {run}\n"
        (finding,) = run_rule(RULE, make_rule_input(text, context=FULL))
        assert ("git's history" in finding.message) is named


def test_tests_are_kept_in_a_stage_for_development() -> None:
    context = BuildContext({"test/a": 9_000, ".git/x": 90_000})
    for stage, named in (("dev", False), ("app", True)):
        text = f"FROM a AS {stage}\nCOPY . /app\n"
        (finding,) = run_rule(RULE, make_rule_input(text, context=context))
        assert ("tests" in finding.message) is named


def test_saving_is_measured_in_the_layer_of_the_copy() -> None:
    text = "FROM a\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"
    world = "FROM a 10MB / WORKDIR /app 0B / COPY . 30MB / RUN npm 40MB"
    tree = "app/.git/x 9MB @3, app/tests/y 1MB @3, app/node_modules/z 20MB @4"
    (finding,) = run_rule(RULE, make_rule_input(text, world, tree))
    assert finding.saving_bytes == 10_000_000
    assert "node modules" not in finding.message


@pytest.mark.parametrize(
    ("run", "named"),
    [
        ("pytest", False),
        ("python3 -m pytest tests", False),
        ("npm test", False),
        ("npm run build", True),
        ("pecl install pcov && composer install", False),
        ("pecl install pcov && composer install --no-dev", True),
        ("pip install pytest-runner", True),
    ],
)
def test_tests_are_kept_where_a_run_runs_them(run: str, named: bool) -> None:
    context = BuildContext({"tests/a": 9_000, ".git/x": 90_000})
    text = f'FROM a\nCOPY . /app\nRUN {run}\nCMD ["/a/run", "x"]\n'
    (finding,) = run_rule(RULE, make_rule_input(text, context=context))
    assert ("tests" in finding.message) is named


@pytest.mark.parametrize(
    ("name", "text", "run", "named"),
    [
        ("CMakeLists.txt", "add_subdirectory(tests)", "cmake . && make", False),
        ("App.sln", r'Project("{x}") = "t", "tests\t.csproj"', "dotnet publish", False),
        ("CMakeLists.txt", "add_subdirectory(src)", "cmake . && make", True),
        ("CMakeLists.txt", "add_subdirectory(tests)", "pip install x", True),
        ("README.md", "the tests", "make", True),
    ],
)
def test_tests_that_a_build_reads(name: str, text: str, run: str, named: bool) -> None:
    context = BuildContext(
        {"tests/a": 9_000, ".git/x": 90_000, name: 9}, read_text={name: text}.__getitem__
    )
    lines = f'FROM a\nCOPY . /app\nRUN {run}\nCMD ["/a/run", "x"]\n'
    (finding,) = run_rule(RULE, make_rule_input(lines, context=context))
    assert ("tests" in finding.message) is named


def test_tests_are_kept_in_a_stage_on_one_for_development() -> None:
    context = BuildContext({"test/a": 9_000, ".git/x": 90_000})
    for name, named in (("", False), (" AS unittests", False), (" AS prod", True)):
        text = f"FROM a AS dev\nRUN b\nFROM dev{name}\nCOPY . /app\n"
        (finding,) = run_rule(RULE, make_rule_input(text, context=context))
        assert ("tests" in finding.message) is named


def test_workflows_are_nothing_in_an_image_for_tests() -> None:
    context = BuildContext({".github/x": 90_000})
    for comment, count in (("Used only for running the tests", 0), ("The server", 1)):
        text = f"# {comment}\nFROM a\nCOPY . /app\n"
        assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(("size", "count"), [(9_999, 0), (10_000, 1)])
def test_small_folders_are_not_worth_a_line(size: int, count: int) -> None:
    context = BuildContext({"tests/a": size})
    assert len(run_rule(RULE, make_rule_input("FROM a\nCOPY . /app\n", context=context))) == count


@pytest.mark.parametrize(
    ("ignored", "lines", "words"),
    [
        ("*\n!src\n!tests", "COPY . /a", "`.github`"),
        ("", "COPY . /a\nCOPY .github/docker/a.conf /etc/", "`tests`"),
        ("", 'COPY . /a\nENTRYPOINT ["sh", ".github/docker/run.sh"]', "`tests`"),
        ("", "COPY . /a\nRUN cp -r tests/data /data", "`.github`"),
        ("", "COPY . /a\nCOPY --from=b /x/tests/ /y", "`tests`, `.github`"),
    ],
)
def test_folders_that_the_build_names_are_wanted(ignored: str, lines: str, words: str) -> None:
    sizes = {"tests/a": 90_000, ".github/b": 90_000}
    texts = {".dockerignore": ignored}
    context = BuildContext(sizes, has_ignore_file=bool(ignored), read_text=texts.__getitem__)
    text = f"FROM b AS b\nFROM a\n{lines}\nCMD /a/run\n"
    (finding,) = run_rule(RULE, make_rule_input(text, context=context))
    assert words in finding.message
    assert ("`.github`" in finding.message, "`tests`" in finding.message) == (
        "`.github`" in words,
        "`tests`" in words,
    )
