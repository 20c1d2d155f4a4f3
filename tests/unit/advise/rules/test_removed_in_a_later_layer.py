"""Files that a later layer removes."""

import pytest

from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "removed-in-a-later-layer"


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN wget -O /tmp/x u && tar xf /tmp/x && rm /tmp/x",
        "FROM a\nRUN touch /y\nRUN wget -O /tmp/x u && rm /tmp/x",
        "FROM a\nRUN wget -O /tmp/x u\nRUN rm -rf /tmp/*",
        "FROM a\nRUN wget -O /tmp/x u\nRUN rm $FILE",
        "FROM a\nRUN apt-get update && apt-get install x\nRUN rm -rf /var/lib/apt/lists/*",
        "FROM a\nCOPY x /x\nRUN rm /y",
        "FROM a\nRUN rm /etc/nginx/conf.d/default.conf",
        "FROM a AS b\nCOPY x /x\nRUN rm /x\nFROM a\nCOPY --from=b /y /y",
        "FROM a\nRUN cp /etc/x /y\nRUN ls /etc/x\nRUN rm y",
        "FROM a\nCOPY x /x/y\nRUN rm -rf /x/z*",
        "FROM a\nCOPY x /x\nRUN rm -rf /*",
        # Another rule reports the archive, which is gone by the last line.
        "FROM a\nADD https://x/a.tar.gz /tmp/\nRUN tar xf /tmp/a.tar.gz && rm -rf /tmp/*\nRUN x && rm -rf /tmp/*",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


def test_the_fix_merges_the_run_instructions() -> None:
    text = (
        "FROM a\nRUN wget -O /x u \\\n  && make\n\n# not needed\nRUN rm /x && ls | sort\nUSER b\n"
    )
    assert apply_rule(RULE, text) == (
        "FROM a\nRUN wget -O /x u \\\n  && make \\\n# not needed\n  && rm /x && ls | sort\nUSER b\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "RUN wget -O /x u\nUSER app\nRUN rm /x",
        "RUN wget -O /x u\nRUN ls\nRUN rm /x",
        "RUN --network=host wget -O /x u\nRUN rm /x",
        "RUN cd /y && wget -O /x u\nRUN rm /x",
        "RUN export A=b && wget -O /x u\nRUN rm /x",
        "RUN A=b; wget -O /x u\nRUN rm /x",
        "RUN wget -O /x u\nRUN rm /x || true",
        "RUN wget -O /x u\nRUN rm /x; ls",
        "RUN wget -O /x u\nRUN <<E\nrm /x\nE",
        'RUN ["wget", "-O", "/x", "u"]\nRUN rm /x',
        "RUN wget -O /x u # why\nRUN rm /x",
    ],
)
def test_no_fix_if_merging_changes_the_behaviour(text: str) -> None:
    (finding,) = run_rule(RULE, f"FROM a\n{text}\n")
    assert finding.changes == ()


def test_copied_files_can_be_mounted() -> None:
    (finding,) = run_rule(RULE, "FROM a\nCOPY x.tar /x.tar\nRUN tar xf /x.tar\nRUN rm /x.tar\n")
    assert "--mount=type=bind" in finding.message


def test_downloaded_files_cannot_be_mounted() -> None:
    text = "FROM a\nADD http://x.y/z/tool /tool\nRUN /tool && make\nRUN rm /tool\n"
    (finding,) = run_rule(RULE, text)
    assert "--mount" not in finding.message
    assert finding.message.startswith("Line 2 downloads them")


def test_a_downloaded_archive_is_reported_by_its_own_rule() -> None:
    text = "FROM a\nADD http://x.y/z/b.tar.gz /b.tar.gz\nRUN tar xf /b.tar.gz && rm /b.tar.gz\n"
    assert run_rule(RULE, text) == []
    assert len(run_rule("archive-added-by-url", text)) == 1


def test_saving_is_the_hidden_bytes() -> None:
    text = "FROM a\nRUN make\nRUN rm -rf /build\nRUN rm -rf /usr/share/doc\n"
    world = (
        "FROM a 10MB / RUN make 50MB / RUN rm 0B removes 40MB of 2 in /build"
        " / RUN rm 0B removes 5MB of 1 in /usr/share/doc"
    )
    (finding,) = run_rule(RULE, make_rule_input(text, world, "usr/x 1MB @2"))
    assert (finding.saving_bytes, finding.instruction.line_start) == (40_000_000, 3)
    assert finding.changes


def test_caches_are_reported_by_other_rules() -> None:
    text = "FROM a\nRUN apt-get update\nRUN rm -rf /var/lib/apt/lists/*\n"
    world = "FROM a 10MB / RUN x 50MB / RUN rm 0B removes 40MB of 2 in /var/lib/apt/lists"
    assert run_rule(RULE, make_rule_input(text, world, "usr/x 1MB @2")) == []


@pytest.mark.parametrize(
    "text",
    [
        "COPY src /src\nRUN make -C /src install && rm -rf /src",
        "COPY src /src\nRUN cd /src && make && cd / && rm -rf src",
        "COPY src /src/\nWORKDIR /src\nRUN make && rm -rf /src/*",
        "COPY a.sh b.sh /tmp/\nRUN sh /tmp/a.sh && rm /tmp/a.sh",
        "COPY x.deb /tmp\nRUN dpkg -i /tmp/x.deb && rm /tmp/x.deb",
        "COPY x.deb y.deb /tmp/\nRUN dpkg -i /tmp/*.deb && rm /tmp/*.deb",
        "COPY x /tmp/x\nRUN sh /tmp/x && rm -rf /tmp/*",
        "COPY x /x\nRUN bash -c 'sh /x && rm /x'",
    ],
)
def test_what_is_copied_used_and_removed_can_be_mounted(text: str) -> None:
    (finding,) = run_rule(RULE, f"FROM a\n{text}\n")
    assert "--mount=type=bind" in finding.message
    assert finding.changes == ()


@pytest.mark.parametrize(("size", "count"), [(9_999, 0), (10_000, 1)])
def test_next_to_nothing_is_not_reported(size: int, count: int) -> None:
    text = "FROM a\nCOPY x.sh /x.sh\nRUN sh /x.sh && rm /x.sh\n"
    context = BuildContext({"x.sh": size})
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


def test_what_one_branch_removes_is_not_reported() -> None:
    for run, count in (("if x; then rm -rf /debs; fi", 0), ("{ rm -rf /debs; }", 1)):
        assert len(run_rule(RULE, f"FROM a\nCOPY debs /debs\nRUN {run}\n")) == count


def test_files_are_removed_once() -> None:
    text = "FROM a\nCOPY x /tmp/x\nRUN y && rm -rf /tmp/*\nRUN z && rm -rf /tmp/*\n"
    (finding,) = run_rule(RULE, text)
    assert finding.instruction.line_start == 3


@pytest.mark.parametrize(
    ("source", "count"),
    [("tools/*.sh", 0), ("tools/*", 1), ("made/before.sh", 0), ("made/before.tar", 1)],
)
def test_scripts_are_small(source: str, count: int) -> None:
    sizes = {"tools/a.sh": 300, "tools/b.sh": 300, "tools/model.bin": 90_000}
    text = f"FROM a\nCOPY {source} /tmp/x/\nRUN /tmp/x/a.sh && rm -r /tmp/x\n"
    context = BuildContext(sizes)
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("run", "count"),
    [
        ("find /tmp -mindepth 1 -delete", 1),
        ("find /tmp -name x -delete", 0),
        ("find /tmp -mindepth 1", 0),
    ],
)
def test_a_search_that_deletes_all(run: str, count: int) -> None:
    assert len(run_rule(RULE, f"FROM a\nCOPY . /tmp/src\nRUN make -C /tmp/src && {run}\n")) == count


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ("RUN npm ci && npm run build\nRUN rm -rf node_modules", 1),
        ("RUN yarn\nRUN ls\nRUN rm -rf /app/node_modules", 1),
        ("RUN cd web && pnpm install\nRUN rm -rf web/node_modules", 1),
        ("RUN cd web && pnpm install\nRUN rm -rf node_modules", 0),
        ("RUN npm install -g x\nRUN rm -rf node_modules", 0),
        ("RUN npm ci && rm -rf node_modules", 0),
    ],
)
def test_modules_that_are_only_there_for_a_build(lines: str, count: int) -> None:
    text = f"FROM a\nWORKDIR /app\n{lines}\n"
    assert len(run_rule(RULE, text)) == count
    assert run_rule("dev-dependencies-in-the-shipped-stage", f'{text}CMD ["x", "y"]\n') == []
