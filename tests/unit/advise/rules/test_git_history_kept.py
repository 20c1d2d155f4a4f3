"""Clones that keep their `.git`."""

import pytest

from bot.advise.finding import FixSafety
from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "git-history-kept"
START = 'CMD ["/a/run", "x"]'
CLONE = "git clone https://example.com/b.git"


@pytest.mark.parametrize(
    "run",
    [
        f"{CLONE} /a && rm -rf /a",
        f"{CLONE} /a && make -C /a && rm -rf /a/.git",
        f"cd /tmp && {CLONE} && cd b && make install && cd .. && rm -rf b",
        f"{CLONE} /tmp/b && rm -rf /tmp/*",
        f"{CLONE} /a && cd /a && rm -rf .git tests",
        f"{CLONE} /a && find /a -name .git -exec rm -rf {{}} +",
        f"{CLONE} /a && mv /a /b && rm -rf /b/.git",
        f"{CLONE} --depth 1 -b v1 /a && rm -r /a/.git*",
        "git clone --bare https://example.com/b.git /a",
        "git clone --mirror https://example.com/b.git",
        "git -C /a fetch",
        "x=$(mktemp -d) && git clone https://example.com/b $x && rm -rf $x",
    ],
)
def test_not_reported(run: str) -> None:
    assert run_rule(RULE, f"FROM a\nRUN {run}\n{START}\n") == []


@pytest.mark.parametrize(
    "text",
    [
        f"FROM a AS b\nRUN {CLONE} /a\nFROM a\nCOPY --from=b /a /a\n{START}",
        f"FROM a\nRUN {CLONE} /a\nRUN cd /a && git checkout v1\n{START}",
        f'FROM a\nRUN {CLONE} /a\nCMD ["git", "-C", "/a", "pull"]',
        f"FROM a\nRUN --mount=type=cache,target=/a {CLONE} /a\n{START}",
        f"FROM a AS dev\nRUN {CLONE} /a\n{START}",
        f"FROM a\nRUN {CLONE} /a\nCMD bash",
        # The settings are of a repository that is pulled later.
        f"FROM a\nRUN {CLONE} /a && git config --global --add safe.directory /a\n{START}",
        f"FROM a\nRUN git config --global pull.ff only\nRUN {CLONE} /a\n{START}",
        # Whoever builds in it later asks git for the revision.
        f"FROM gcr.io/oss-fuzz-base/base-builder\nRUN {CLONE}",
        f"FROM a AS builder\nRUN {CLONE}",
    ],
)
def test_not_reported_of_whole_files(text: str) -> None:
    assert run_rule(RULE, text + "\n") == []


@pytest.mark.parametrize(
    ("lines", "removed"),
    [
        (f"RUN {CLONE} /srv/a", "/srv/a/.git"),
        ("RUN git clone --depth 1 --branch v1 https://example.com/b /srv/a", "/srv/a/.git"),
        (f"WORKDIR /srv\nRUN {CLONE}", "/srv/b/.git"),
        (f"RUN cd /opt && {CLONE}", "/opt/b/.git"),
        ("WORKDIR /srv\nRUN git clone https://example.com/b/ c", "/srv/c/.git"),
        (f"RUN {CLONE} /a && {CLONE} /c && rm -rf /c", "/a/.git"),
        ("RUN git -c x=y clone https://example.com/b /a", "/a/.git"),
    ],
)
def test_the_fix_removes_it_in_the_same_run(lines: str, removed: str) -> None:
    text = f"FROM a\n{lines}\n"
    expected = text.rstrip("\n") + f" \\\n    && rm -rf {removed}\n"
    assert apply_rule(RULE, text) == expected


def test_no_fix_if_the_folder_is_unknown() -> None:
    (finding,) = run_rule(RULE, f"FROM a\nRUN {CLONE}\n{START}\n")
    assert (finding.changes, finding.safety) == ((), FixSafety.MANUAL)


def test_saving_is_the_history() -> None:
    world = make_rule_input(
        f"FROM a\nRUN {CLONE} /srv/a\n{START}\n",
        "FROM a 90MB / RUN git 20MB",
        "srv/a/.git/objects/x 12MB @2, srv/a/README 1MB @2",
    )
    assert [finding.saving_bytes for finding in run_rule(RULE, world)] == [12_000_000]


@pytest.mark.parametrize(
    ("script", "count"),
    [
        ("cd /a\ngit fetch --all\n", 0),
        ("if true; then git -C /a pull; fi\n", 0),
        ("# git pull\nexec /a/run\n", 1),
        ("git clone u /b\n", 1),
    ],
)
def test_a_script_that_updates_the_clone_when_it_starts(script: str, count: int) -> None:
    context = BuildContext({"entrypoint.sh": 9}, read_text={"entrypoint.sh": script}.__getitem__)
    text = f'FROM a\nRUN {CLONE} /a\nCOPY entrypoint.sh /\nENTRYPOINT ["/entrypoint.sh"]\n'
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("hooks/10_lists.sh", "cd /data/lists\ngit fetch origin && git reset --hard", 0),
        ("overlay/etc/update", "git -C /data/lists pull", 0),
        ("web.yml", "run:\n  - cd /data/lists\n  - git checkout $version", 0),
        ("hooks/10_lists.sh", "cd /data/other\ngit pull", 1),
        ("hooks/10_lists.sh", "ls /data/lists", 1),
        ("README.md", "git -C /data/lists pull", 1),
    ],
)
def test_a_file_that_updates_the_clone(path: str, text: str, count: int) -> None:
    context = BuildContext({path: 9}, read_text={path: text}.__getitem__)
    lines = f"FROM a\nCOPY . /\nRUN {CLONE} /data/lists\n{START}\n"
    assert len(run_rule(RULE, make_rule_input(lines, context=context))) == count


@pytest.mark.parametrize(
    ("run", "count"),
    [
        (f"{CLONE} --filter=blob:none /a", 0),
        (f"{CLONE} --filter=tree:0 --branch x /a && chown -R b /a", 0),
        (f"{CLONE} --filter=blob:none /a && git -C /a checkout v1", 1),
    ],
)
def test_a_partial_clone_gets_the_rest_later(run: str, count: int) -> None:
    assert len(run_rule(RULE, f"FROM a\nRUN {run}\n{START}\n")) == count


@pytest.mark.parametrize(
    ("folder", "source", "count"),
    [
        ("/a", 'execute("git pull")', 0),
        ("/a/src", 'execute("git pull")', 0),
        ("/b", 'execute("git pull")', 1),
        ("/a", 'execute("ls")', 1),
    ],
)
def test_a_program_that_updates_its_clone(folder: str, source: str, count: int) -> None:
    context = BuildContext({"update.py": 9}, read_text={"update.py": source}.__getitem__)
    text = f"FROM a\nRUN {CLONE} /a\nWORKDIR {folder}\n{START}\n"
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count
