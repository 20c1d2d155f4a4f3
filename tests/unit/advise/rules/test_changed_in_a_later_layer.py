"""Owners and modes that are changed in a layer of their own."""

import pytest

from bot.advise.finding import FixSafety
from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "changed-in-a-later-layer"


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN mkdir /data && chown -R app /data",
        "FROM a\nRUN curl -o /usr/bin/x https://x && chmod +x /usr/bin/x",
        "FROM a\nRUN git clone https://x /srv/x && chown -R 1000:1000 /srv/x",
        "FROM a\nRUN tar -xf a.tar -C /opt/a && chmod -R a+rX /opt/a",
        "FROM a\nRUN chmod 1777 /tmp",
        "FROM a\nCOPY x /x\nRUN mkdir -p /go/src /go/bin && chmod -R 1777 /go",
        "FROM a\nCOPY --chmod=755 run.sh /\nRUN ls /run.sh",
        # Without `-R`, only the entry of a folder is stored again.
        "FROM a\nWORKDIR /app\nCOPY . .\nRUN chown app /app",
        "FROM a\nCOPY --from=b /x /app\nCOPY y /app/z\nRUN chown app /app",
        "FROM a\nCOPY --from=b /x.gz /s\nCOPY --from=b /y.gz /s\nRUN chown 1 /s",
        "FROM a\nCOPY x /app\nWORKDIR /app/y\nRUN chmod 700 /app",
        "FROM a\nCOPY run.sh /\nRUN chmod +x /run.sh && sed -i 's/a/b/' /run.sh",
        # The same `RUN` removes it.
        "FROM a\nCOPY . /build\nRUN chmod -R +x /build && /build/x.sh && rm -rf /build",
        "FROM a\nCOPY x.sh /tmp/\nRUN chmod +x /tmp/x.sh; /tmp/x.sh; rm /tmp/x.sh",
        "FROM a\nCOPY . /build\nRUN chown -R 1 /build/a /build/b && make && rm -rf /build/",
        "FROM a\nCOPY --from=b /dist /html/app\nRUN chmod 777 /html/*",
        "FROM a\nCOPY --from=b /dist /app\nRUN mkdir /app/x\nRUN chmod 777 /app",
        # The next build may have another argument, and then another file has the mode.
        "FROM a\nARG X=b\nCOPY b /o/b\nCOPY c /o/c\nRUN chmod +x /o/$X",
        "FROM a AS b\nCOPY x /x\nRUN chown -R 1 /x\nFROM a\nCOPY --from=b /x /y",
        'FROM a\nCOPY x /x\nRUN echo "chown -R 1 /x"',
        "FROM a\n# image-size: ignore[changed-in-a-later-layer] tiny\nRUN chown -R 1 /x",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("COPY run.sh /\nRUN chmod +x /run.sh", "COPY --chmod=755 run.sh /"),
        (
            "WORKDIR /app\nCOPY run.sh .\nRUN chmod 700 run.sh",
            "WORKDIR /app\nCOPY --chmod=700 run.sh .",
        ),
        (
            "COPY a/run.sh /b/\nRUN chmod 0755 /b/run.sh && ls",
            "COPY --chmod=755 a/run.sh /b/\nRUN ls",
        ),
        ("COPY --link x /x\nRUN chown 1000:1000 /x", "COPY --link --chown=1000:1000 x /x"),
        ("COPY . /app\nRUN chown -R 1000 /app", "COPY --chown=1000 . /app"),
        ("COPY . /app\nRUN chown -R nobody: /app", "COPY --chown=nobody . /app"),
        (
            "WORKDIR /app\nCOPY . .\nRUN make && chown -R 1000 /app",
            # The folder is root's, and a user could not install there.
            "WORKDIR /app\nCOPY --chown=1000 . .\nRUN make && chown 1000 /app",
        ),
        (
            "RUN mkdir -p /app\nCOPY . /app\nRUN cp /app/x /etc/x && chown -R 1000 /app",
            "RUN mkdir -p /app\nCOPY --chown=1000 . /app\nRUN cp /app/x /etc/x && chown 1000 /app",
        ),
        ("WORKDIR /app\nCOPY . .\nRUN chown -hR 1000 /app",) * 2,
        (
            "COPY a.sh /\nCOPY b.sh /\nRUN set -ex \\\n && chmod +x /a.sh \\\n && chmod +x /b.sh",
            "COPY --chmod=755 a.sh /\nCOPY --chmod=755 b.sh /",
        ),
        (
            "COPY key /key\nRUN chown app /key && chmod 400 /key && ls",
            "COPY --chown=app --chmod=400 key /key\nRUN ls",
        ),
        (
            "COPY . /app\nRUN chmod -R 755 /app && chown -R app /app && chmod 777 /app/x",
            "COPY --chown=app --chmod=755 . /app\nRUN chmod 777 /app/x",
        ),
        (
            "COPY a.sh /\nCOPY b.sh /\nRUN chmod +x /a.sh && chmod +x /b.sh",
            "COPY --chmod=755 a.sh /\nCOPY --chmod=755 b.sh /",
        ),
        (
            "COPY a.sh /\nCOPY b.sh /\nRUN chmod +x /a.sh \\\n && chmod 700 /b.sh \\\n && make",
            "COPY --chmod=755 a.sh /\nCOPY --chmod=700 b.sh /\nRUN make",
        ),
    ],
)
def test_the_fix_moves_owner_and_mode_to_the_copy(text: str, expected: str) -> None:
    assert apply_rule(RULE, f"FROM a\n{text}\n") == f"FROM a\n{expected}\n"


@pytest.mark.parametrize(
    "text",
    [
        "COPY . /app\nRUN useradd app && chown -R app:app /app",
        "COPY . /app\nRUN chown -R $OWNER /app",
        "COPY --chown=2 . /app\nRUN chown -R 1 /app",
        "COPY . /app\nRUN chmod -R +x /app",
        "COPY . /app\nRUN chmod -R u+w,g-w /app",
        "COPY . /app\nRUN ls && { chown -R 1 /app; }",
        "COPY a /app\nCOPY b /app\nRUN chown -R 1 /app",
        "COPY . /app\nRUN chown -R 1 /app/data",
        "COPY . /app\nRUN chown -R 1 /app /data",
    ],
)
def test_reported_without_a_fix(text: str) -> None:
    (finding,) = run_rule(RULE, f"FROM a\n{text}\n")
    assert (finding.changes, finding.safety) == ((), FixSafety.MANUAL)


def test_a_folder_needs_a_check_but_a_script_does_not() -> None:
    (folder,) = run_rule(RULE, "FROM a\nCOPY . /app\nRUN chown -R 1 /app\n")
    (script,) = run_rule(RULE, "FROM a\nCOPY run.sh /\nRUN chmod +x /run.sh\n")
    assert (folder.safety, script.safety) == (FixSafety.NEEDS_CHECK, FixSafety.SAFE)


@pytest.mark.parametrize(
    ("files", "tier"),
    [
        ({"tool": 9_000}, FixSafety.SAFE),
        ({}, FixSafety.NEEDS_CHECK),
    ],
)
def test_safety_of_folders_and_files(files: dict[str, int], tier: FixSafety) -> None:
    text = "FROM a\nCOPY tool /tool\nRUN chmod +x /tool\n"
    (finding,) = run_rule(RULE, make_rule_input(text, context=BuildContext(files)))
    assert finding.safety is tier


def test_saving_is_the_bytes_stored_twice() -> None:
    text = "FROM a\nCOPY . /app\nRUN chown -R 1 /app\n"
    world = "FROM a 10MB / COPY . 30MB / RUN chown 30MB copies 30MB of 2 in /app"
    (finding,) = run_rule(RULE, make_rule_input(text, world, "app/x 30MB @3"))
    assert finding.saving_bytes == 30_000_000


def test_files_of_the_base_image_do_not_count() -> None:
    text = "FROM a\nRUN chown -R 1 /app\n"
    world = "FROM a 10MB / RUN chown 5MB copies 5MB of 1 in /app"
    assert run_rule(RULE, make_rule_input(text, world, "app/x 5MB @2")) == []


@pytest.mark.parametrize(
    "text",
    [
        "COPY a.sh b.sh /bin/\nRUN chmod +x /bin/a.sh && chmod +x /bin/b.sh",
        "COPY a.sh b.sh /bin/\nRUN chmod +x /bin/a.sh /bin/b.sh",
        "COPY a.sh b.sh /bin/\nRUN chmod +x /bin/*.sh",
        "COPY a.sh /bin/\nCOPY b.sh /bin/\nRUN chmod +x /bin/a.sh /bin/b.sh",
        "COPY run.sh /\nRUN bash -c 'chmod +x /run.sh'",
        "COPY a /srv/\nCOPY b /srv/b/\nRUN chown -R 1 /srv",
        "COPY run.sh /\nCOPY app /\nRUN chmod +x /run.sh",
        "COPY run.sh /app/run.sh\nCOPY . /app\nRUN chmod +x /app/run.sh",
        'COPY run.sh /\nRUN ["sh", "-c", "chmod +x /run.sh"]',
    ],
)
def test_no_fix_for_a_part_of_what_is_copied(text: str) -> None:
    (finding,) = run_rule(RULE, f"FROM a\n{text}\n")
    assert finding.changes == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("COPY x /usr/bin\nRUN chmod +x /usr/bin/x", "COPY --chmod=755 x /usr/bin"),
        ("COPY x.sh /b/\nRUN cd /b && chmod +x x.sh", "COPY --chmod=755 x.sh /b/\nRUN cd /b"),
        (
            "COPY x.sh /\nCOPY y.sql /\nRUN chmod +x /x.sh",
            "COPY --chmod=755 x.sh /\nCOPY y.sql /",
        ),
        ('COPY x.sh /\nRUN ["chmod", "+x", "/x.sh"]', "COPY --chmod=755 x.sh /"),
    ],
)
def test_a_file_is_found_in_the_folder_that_it_is_copied_to(text: str, expected: str) -> None:
    assert apply_rule(RULE, f"FROM a\n{text}\n") == f"FROM a\n{expected}\n"


def test_an_old_syntax_has_no_such_flag() -> None:
    text = "# syntax=docker/dockerfile:1.0\nFROM a\nCOPY x.sh /\nRUN chmod +x /x.sh\n"
    (finding,) = run_rule(RULE, text)
    assert finding.changes == ()


@pytest.mark.parametrize(
    ("lines", "is_late"),
    [
        ("COPY app /app\nRUN useradd -m bob && chown -R bob /app", True),
        ("COPY app /app\nRUN adduser bob\nRUN chown -R bob:bob /app", True),
        ("RUN useradd bob\nCOPY app /app\nRUN chown -R bob /app", False),
        ("COPY app /app\nRUN useradd ann\nRUN chown -R bob /app", False),
        ("COPY app /app\nRUN chown -R bob /app\nRUN useradd bob", False),
    ],
)
def test_the_user_must_exist_before_the_copy(lines: str, is_late: bool) -> None:
    (finding,) = run_rule(RULE, f"FROM debian\n{lines}\n")
    assert ("Create the user `bob` above line 2 first." in finding.message) is is_late


def test_the_title_names_the_lines_of_all_files() -> None:
    text = "FROM a\nCOPY a.sh /\nCOPY b.sh /\nCOPY c.sh /\nRUN chmod +x /a.sh; chmod +x /b.sh"
    (finding,) = run_rule(RULE, f"{text}; chmod +x /c.sh\n")
    assert finding.title == "Use `COPY --chmod` on lines 2, 3 and 4 instead of `chmod`"
    assert finding.safety is FixSafety.SAFE


@pytest.mark.parametrize(
    ("flag", "run", "count"),
    [
        ("--chown=a:a ", "chown -R a:a tmp", 0),
        ("--chown=a:a ", "chown -R a:a /app", 0),
        ("", "chown -R a:a tmp", 1),
        ("--chmod=755 ", "chown -R a:a tmp", 1),
    ],
)
def test_what_is_copied_with_an_owner_is_not_what_is_changed(
    flag: str, run: str, count: int
) -> None:
    text = f"FROM x\nWORKDIR /app\nCOPY {flag}. /app\nRUN make\nRUN {run}\n"
    assert len(run_rule(RULE, text)) == count


def test_a_copy_gets_one_flag_of_a_name() -> None:
    text = "FROM a\nCOPY a.sh /a.sh\nRUN chmod 0777 /a.sh\nRUN chmod +x /a.sh\nRUN chown b /a.sh\n"
    first, second, third = run_rule(RULE, text)
    assert [change.text for change in first.changes if change.text] == [" --chmod=0777"]
    assert (second.changes, second.safety) == ((), FixSafety.MANUAL)
    assert not any("--chmod" in change.text for change in third.changes)


def test_files_that_another_command_of_the_run_stores_again() -> None:
    """A script of which `chmod -R` makes a second copy all the same: the rest of it counts."""
    text = (
        "FROM a\nCOPY run.sh /app/\nCOPY x /app/x\nRUN chmod +x /app/run.sh && chmod -R 755 /app\n"
    )
    (finding,) = run_rule(RULE, text)
    assert finding.title == "Use `COPY --chmod` instead of `chmod -R`"
    assert not finding.changes


def test_a_folder_of_the_context() -> None:
    text = "FROM a\nCOPY tool /tool\nRUN chmod +x /tool\n"
    context = BuildContext({"tool/a": 9_000, "tool/b": 9})
    assert run_rule(RULE, make_rule_input(text, context=context)) == []


def test_the_title_names_both_commands_of_a_file() -> None:
    (finding,) = run_rule(RULE, "FROM a\nCOPY k /k\nRUN chown 1 /k && chmod 400 /k\n")
    assert finding.title == "Use `COPY --chown --chmod` on line 2 instead of `chown` and `chmod`"


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ("COPY a.conf /opt/x/conf/a.conf\nRUN chmod -R 777 /opt/x", 0),
        # An archive beside the folder is none of its files.
        ("COPY x.tar /opt/\nCOPY a.conf /opt/x/conf/\nRUN chmod -R 777 /opt/x", 0),
        ("COPY x.tar /opt/x/\nRUN chmod -R 777 /opt/x", 1),
        ("COPY . /opt\nRUN chmod -R 777 /opt/x", 1),
        ("COPY --from=b /x /opt/x\nRUN chmod -R 777 /opt/x", 1),
    ],
)
def test_the_files_that_a_line_unpacked(lines: str, count: int) -> None:
    """Of what is copied, `chmod -R` changes a file of settings alone."""
    context = BuildContext({"a.conf": 2_000, "x.tar": 90_000})
    assert len(run_rule(RULE, make_rule_input(f"FROM a\n{lines}\n", context=context))) == count


def test_the_title_names_all_that_would_store_a_folder_again() -> None:
    text = "FROM a\nCOPY a b /opt/\nCOPY c /opt/c\nRUN chown -R u /opt && chmod -R g=u /opt\n"
    (finding,) = run_rule(RULE, text)
    assert finding.title == "Use `COPY --chown --chmod` instead of `chown -R` and `chmod -R`"


@pytest.mark.parametrize(
    "run",
    [
        "chmod -R +x /build && rm -rf /build/doc",
        "chmod -R +x /build /srv && rm -rf /build",
        "chmod -R +x /build && find /build -name x -delete",
    ],
)
def test_what_is_removed_is_not_what_is_changed(run: str) -> None:
    assert len(run_rule(RULE, f"FROM a\nCOPY . /build\nCOPY . /srv\nRUN {run}\n")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nCOPY --from=b /app /usr/local/bin/app\nRUN chmod 755 /usr/local/bin/*",
        "FROM a\nCOPY --from=b /x/run.sh /x/run.sh\nRUN chmod 755 /x/*",
        "FROM a\nARG X=b\nENV X=b\nCOPY b /o/b\nRUN chmod +x /o/$X",
    ],
)
def test_a_pattern_of_programs_and_a_variable_of_the_image(text: str) -> None:
    assert len(run_rule(RULE, text)) == 1
