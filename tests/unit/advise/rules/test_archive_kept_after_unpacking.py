"""Archives that were unpacked and left."""

import pytest

from bot.advise.finding import FixSafety
from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "archive-kept-after-unpacking"


@pytest.mark.parametrize(
    "run",
    [
        "curl -O u/x.tar.gz && tar xzf x.tar.gz && rm x.tar.gz",
        "curl -o /tmp/x.tgz u && tar -C /opt -xzf /tmp/x.tgz && rm -rf /tmp/*",
        "curl -o /tmp/x/x.tgz u && tar -xzf /tmp/x/x.tgz && rm -rf /tmp/x",
        "wget u/x.zip && unzip x.zip && rm -f *.zip",
        "wget u/x.zip && unzip x.zip && rm $ARCHIVE",
        "curl u/x.tgz | tar xz",
        "curl u/x.tgz | tar -xzf -",
        "tar xf /usr/share/x.tar",
        "tar czf x.tgz /a && mv x.tgz /srv",
        "curl -O u/x.tgz && tar xf x.tgz && mv x.tgz /srv/download/",
        "wget u/x.tgz && tar tf x.tgz",
        "mkdir /b && cd /b && wget u/x.tgz && tar xf x.tgz && cd / && rm -rf /b",
        "mkdir b && cd b && wget u/x.tgz && tar xf x.tgz && cd .. && rm -rf b",
        "D=/tmp/b && wget -O $D/x.tgz u && tar xf $D/x.tgz && rm -rf /tmp/b",
        'wget -O "$D/x.tgz" u && tar xf "$D/x.tgz" && rm -rf "$D"',
        "wget u/x.tgz && tar xf x.tgz && find . -name '*.tgz' -delete",
        "wget u/x.zip && unzip -l x.zip",
        "wget u/x$V.tgz && tar xf x$V.tgz && rm x${V}.tgz",
        "V=1 && wget u/x$V.tgz && tar xf x$V.tgz && rm x1.tgz",
    ],
)
def test_not_reported(run: str) -> None:
    assert run_rule(RULE, f"FROM a\nRUN {run}\n") == []


def test_the_message_is_true_although_what_was_unpacked_is_removed() -> None:
    run = "wget u/x.zip && unzip x.zip && cd x && make install && cd .. && rm -r x"
    (finding,) = run_rule(RULE, f"FROM a\nRUN {run}\n")
    assert finding.message.startswith("Nothing needs it once it is unpacked.")


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (
            "wget u/x.tgz && tar xzf x.tgz && make",
            "wget u/x.tgz && tar xzf x.tgz && rm x.tgz && make",
        ),
        (
            "wget u/x.tzst && tar xIf zstd x.tzst",
            "wget u/x.tzst && tar xIf zstd x.tzst && rm x.tzst",
        ),
        (
            "curl -o /t/x.zip u; unzip -q /t/x.zip",
            "curl -o /t/x.zip u; unzip -q /t/x.zip && rm /t/x.zip",
        ),
        (
            "wget u/x$V.tgz && tar --extract --file x$V.tgz",
            "wget u/x$V.tgz && tar --extract --file x$V.tgz && rm x$V.tgz",
        ),
        ("wget u/x.zip && unzip -o x.zip", "wget u/x.zip && unzip -o x.zip && rm x.zip"),
        ("wget u/x.tgz && tar xfz x.tgz", "wget u/x.tgz && tar xfz x.tgz && rm x.tgz"),
        ("wget u/x.tgz; sudo tar xf x.tgz", "wget u/x.tgz; sudo tar xf x.tgz && sudo rm x.tgz"),
        (
            "wget u/x.tgz u/y.tgz && tar xf x.tgz && tar xf y.tgz",
            "wget u/x.tgz u/y.tgz && tar xf x.tgz && rm x.tgz && tar xf y.tgz && rm y.tgz",
        ),
        ("wget u/x.7z && 7z x x.7z", "wget u/x.7z && 7z x x.7z && rm x.7z"),
    ],
)
def test_the_fix_removes_the_archive(run: str, expected: str) -> None:
    assert apply_rule(RULE, f"FROM a\nRUN {run}\n") == f"FROM a\nRUN {expected}\n"


@pytest.mark.parametrize("later", ["sha256sum x.tgz", "rm *.tgz", "ls /x*z", "rm /tmp/*"])
def test_no_fix_if_a_later_line_reads_the_archive(later: str) -> None:
    text = f"FROM a\nWORKDIR /tmp\nRUN wget u/x.tgz && tar xf x.tgz\nRUN {later}\n"
    (finding,) = run_rule(RULE, text)
    assert finding.changes == ()


@pytest.mark.parametrize("name", ["x.tgz", "x$V.tgz"])
def test_saving_is_the_size_of_the_archive(name: str) -> None:
    text = f"FROM a\nRUN wget u/{name} && tar xf {name}\n"
    world = "FROM a 10MB / RUN wget 50MB"
    (finding,) = run_rule(
        RULE, make_rule_input(text, world, "opt/x.tgz 12MB @2, opt/x/bin 30MB @2")
    )
    assert finding.saving_bytes == 12_000_000


def test_not_reported_if_the_image_has_no_such_file() -> None:
    text = "FROM a\nRUN wget u/x.tgz && tar xf x.tgz\n"
    assert (
        run_rule(RULE, make_rule_input(text, "FROM a 10MB / RUN wget 50MB", "opt/x/bin 30MB @2"))
        == []
    )


@pytest.mark.parametrize(
    "run",
    [
        "set -e; wget u/x.tgz; tar xf x.tgz; make",
        "wget u/x.tgz; tar xf x.tgz | tee log",
        "bash -c 'wget u/x.tgz && tar xf x.tgz'",
    ],
)
def test_no_fix_that_hides_a_failure(run: str) -> None:
    (finding,) = run_rule(RULE, f"FROM a\nRUN {run}\n")
    assert finding.changes == ()


def test_what_sudo_downloads_needs_a_check() -> None:
    text = "FROM a\nUSER b\nRUN sudo wget -O /tmp/x.tgz u && tar xf /tmp/x.tgz\n"
    (finding,) = run_rule(RULE, text)
    assert finding.safety is FixSafety.NEEDS_CHECK


def test_no_fix_if_another_stage_takes_the_archive() -> None:
    text = "FROM a AS b\nRUN wget u/x.tgz && tar xf x.tgz\nFROM a\nCOPY --from=b /x.tgz /\nFROM b\n"
    (finding,) = run_rule(RULE, text)
    assert finding.changes == ()


@pytest.mark.parametrize(
    "text",
    [
        "COPY a.tar.gz /tmp/\nRUN tar xzf /tmp/a.tar.gz -C /opt",
        "COPY a.zip b.zip /tmp/\nRUN cd /tmp && unzip a.zip",
        "WORKDIR /tmp\nCOPY . .\nCOPY a.tar .\nRUN tar -xf a.tar",
        "ADD a.zip /a.zip\nRUN unzip /a.zip",
    ],
)
def test_a_copied_archive_can_be_mounted(text: str) -> None:
    (finding,) = run_rule(RULE, f"FROM a\n{text}\n")
    assert "--mount=type=bind" in finding.message
    assert finding.changes == ()


def test_an_archive_under_another_name_is_downloaded_elsewhere() -> None:
    (finding,) = run_rule(RULE, "FROM a\nADD https://x/latest.tgz /w.tgz\nRUN tar xf /w.tgz\n")
    assert finding.title == "Download the archive in the `RUN` that unpacks it"


@pytest.mark.parametrize(
    "text",
    [
        "COPY a.tar /tmp/\nRUN tar xf /tmp/a.tar && rm /tmp/a.tar",
        "RUN --mount=type=bind,source=a.tar,target=/a.tar sha256sum /a.tar && tar xf /a.tar",
        "RUN --mount=type=tmpfs,target=/tmp wget -O /tmp/a.tar u && tar xf /tmp/a.tar",
        "ADD https://x/a.tar /a.tar\nRUN tar xf /a.tar",
    ],
)
def test_archives_of_other_rules_and_of_mounts_are_not_reported(text: str) -> None:
    assert run_rule(RULE, f"FROM a\n{text}\n") == []


@pytest.mark.parametrize(
    ("runs", "lines"),
    [
        (["wget u/x.tgz", "tar xf x.tgz"], [3]),
        (["curl -L -o ${S}.tgz u", "tar xf $S.tgz", "rm ${S}.tgz"], [3]),
        (["curl -LO u/x.zip", "unzip x.zip a", "unzip x.zip b"], [3]),
        (["wget u/y.tgz", "tar xf x.tgz"], []),
        (["tar xf x.tgz", "wget u/x.tgz"], []),
        (["wget u/x.tgz && tar xf x.tgz && rm x.tgz"], []),
    ],
)
def test_a_download_in_an_earlier_run(runs: list[str], lines: list[int]) -> None:
    findings = run_rule(RULE, "\n".join(["FROM a", *(f"RUN {run}" for run in runs), ""]))
    assert [finding.instruction.line_start for finding in findings] == lines
    assert all("Line 2 downloads the archive into a layer" in x.message for x in findings)
    assert all(finding.changes == () for finding in findings)


@pytest.mark.parametrize(("kind", "count"), [("cache", 0), ("bind,from=x", 1)])
def test_a_folder_of_the_base_image_may_be_the_mount(kind: str, count: int) -> None:
    mount = f"--mount=type={kind},target=/opt/downloads"
    run = f'{mount} curl -o "${{D}}/a.zip" u/a.zip && unzip "${{D}}/a.zip" -d /x'
    assert len(run_rule(RULE, f"FROM a\nRUN {run}\n")) == count
