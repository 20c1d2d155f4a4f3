"""The end of the build stage: packages and files that are removed there."""

from dataclasses import replace

import pytest

from bot.advise.deferred_copy import find_deferred_copy
from bot.rewrite.build_stage_end import find_early_line
from tests.support.rewrite_world import cut_build_stage, make_facts, rewrite_text
from tests.unit.rewrite.test_python_tools import BASE, SITE, distribution

TEXT = """FROM python:3.12
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
CMD ["gunicorn", "shop:app"]
"""
PIP, SETUPTOOLS = f"{SITE}/pip-24.0.dist-info", f"{SITE}/setuptools-70.0.dist-info"
IN_BASE = f"{PIP}/RECORD 1kB base\n{SETUPTOOLS}/RECORD 1kB base\n{SITE}/pip/core.py 9MB base\n"
FILES = (
    BASE.replace("@3", "@5")
    + "app/requirements.txt 1kB @3\n"
    + distribution("gunicorn", "", "gunicorn")
    + IN_BASE
)
SLIM = f"ground python:3.12-slim 90MB {PIP} {SETUPTOOLS}\n"
UNINSTALL = "# The base image below has these, too.\nRUN pip uninstall -y setuptools pip\n"


def write_build_stage(text: str = TEXT, files: str = FILES + SLIM) -> str:
    return cut_build_stage(rewrite_text(text, files))


def test_what_both_base_images_have_is_not_copied() -> None:
    assert UNINSTALL in write_build_stage()


@pytest.mark.parametrize(
    "files",
    [
        FILES + f"ground python:3.12-slim 90MB {SITE}/pip-25.1.dist-info\n",
        FILES + "ground python:3.12-slim 90MB\n",
        FILES.replace("dist-info/RECORD 1kB base", "dist-info/RECORD 1kB @4") + SLIM,
        FILES.replace(SITE, "app/.venv/lib/python3.12/site-packages") + SLIM,
    ],
)
def test_what_the_new_base_image_lacks_is_copied(files: str) -> None:
    assert "uninstall" not in write_build_stage(files=files)


def test_tools_go_with_them() -> None:
    tools = distribution("black") + distribution("mypy")
    assert "RUN pip uninstall -y black mypy setuptools pip\n" in write_build_stage(
        files=FILES + SLIM + tools
    )


def test_they_go_before_the_sources_come() -> None:
    """The sources stay in the build stage, since a part of them is large and nothing reads it."""
    files = FILES + SLIM + "app/a/Jenkinsfile 1MB @5\napp/a/b.py 1kB @5\n"
    assert f"requirements.txt\n{UNINSTALL}COPY . .\n" in write_build_stage(files=files)


@pytest.mark.parametrize(
    ("after", "end"),
    [
        ("COPY . .\nRUN pip check\n", UNINSTALL),
        ("WORKDIR /app/web\nCOPY . .\n", UNINSTALL),
        ("COPY --from=busybox . .\nUSER app\nRUN touch x\n", f"USER root\n{UNINSTALL}"),
    ],
)
def test_they_go_last_where_something_may_need_them(after: str, end: str) -> None:
    line = after.count("\n") + 4 if "WORKDIR" in after else 5
    text = TEXT.replace("COPY . .\n", after)
    files = FILES.replace("@5", f"@{line}") + SLIM
    assert write_build_stage(text, files).endswith(end)


def test_dependencies_from_the_context_are_pruned_last() -> None:
    files = f"{FILES}app/.venv/lib/python3.12/site-packages/x.py 1kB @5\n{SLIM}"
    assert write_build_stage(files=files).endswith(UNINSTALL)


def test_files_that_nothing_reads_are_removed_last() -> None:
    files = FILES + "app/a/Jenkinsfile 1MB @5\napp/a/b.py 1kB @5\n" + SLIM
    stage = write_build_stage(files=files)
    assert stage.endswith("COPY . .\n# Nothing that runs reads these.\nRUN rm -rf a/Jenkinsfile\n")
    assert UNINSTALL in stage


@pytest.mark.parametrize(
    ("lines", "moved", "early_line"),
    [
        ("COPY . .\nRUN npm ci\n", (), 4),
        ("COPY . .\nRUN npm ci\n", (3,), None),  # nothing follows
        ("COPY . .\nRUN npm ci\nRUN npm test\n", (), None),
        ("COPY . .\nRUN npm ci && npm test\n", (), None),
    ],
)
def test_sources_that_come_below_the_installs_follow_the_removal(
    lines: str, moved: tuple[int, ...], early_line: int | None
) -> None:
    sent = "base 9MB\nsent package.json 1kB = {}\n"
    facts = make_facts(f"FROM node:22\nWORKDIR /app\n{lines}CMD x\n", sent)
    deferred = find_deferred_copy(facts.rule_input)
    copies = dict.fromkeys(moved)
    facts = replace(facts, deferred_copy=deferred, moved_copies=copies)
    assert deferred
    assert find_early_line(facts) == early_line
