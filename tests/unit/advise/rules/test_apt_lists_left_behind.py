"""apt's package lists."""

import pytest

from bot.advise.finding import FixSafety
from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "apt-lists-left-behind"


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\nRUN apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/*",
        "FROM debian\nRUN apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists",
        "FROM debian\nRUN apt-get update && apt-get install -y x && rm -r /var/lib/apt/lists/* /tmp/*",
        "FROM debian\nRUN apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/{apt,dpkg}",
        "FROM debian\nRUN --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install -y x",
        "FROM debian\nRUN --mount=type=cache,target=/var/lib/apt/lists,sharing=locked apt-get update",
        "FROM debian\nRUN --mount=type=tmpfs,target=/var/lib/apt/lists apt-get update",
        "FROM debian AS build\nRUN apt-get update && apt-get install -y gcc\nFROM debian\nCOPY --from=build /a /a",
        "FROM debian\nRUN apt-get update; apt-get install -y x; apt-get distclean",
        "FROM debian\nRUN apt-get update && apt-get install -y x && apt-get dist-clean",
        "FROM debian\nRUN apt-get update && apt-get install -y x && cd /var/lib/apt/lists && rm -rf *",
        "FROM debian\nRUN apt-get update && (cd /var/lib && rm -rf apt)",
        "FROM debian\nENV D=/var/lib/apt\nRUN apt-get update && rm -rf $D/lists/*",
        'FROM debian\nRUN D=/var/lib/apt && apt-get update && rm -rf "${D}/lists"',
        "FROM debian\nRUN apt-get update && rm -rf /var/lib/{apt,dpkg}/lists /var/cache/*",
        "FROM debian\nRUN apt-get update && apt-get install -y x && /usr/local/bin/cleanup.sh",
        "FROM debian\nRUN apt-get update && apt-get install -y x && bash /tmp/clean-layer.sh",
        "FROM debian\nRUN bash -c 'apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/*'",
        "FROM debian\nRUN clean() { rm -rf /var/lib/apt/lists; }; apt-get update; clean",
        "FROM bitnami/minideb\nRUN apt-get update && install_packages x",
        "FROM x/workspace-base\nRUN apt-get update && install-packages clang",
        "FROM debian\nRUN echo apt-get update",
        "FROM debian\nRUN apt-get install -y x",
        "FROM debian\nRUN if true; then apt-get update",
        'FROM debian\nSHELL ["pwsh", "-c"]\nRUN apt-get update',
        "FROM debian\nONBUILD RUN apt-get update",
        "FROM debian\n# image-size: ignore[apt-lists-left-behind] the tests install more\nRUN apt-get update",
        "FROM debian\nRUN \\\n  # image-size: ignore[x, apt-lists-left-behind] read by a tool\n  apt-get update",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("RUN apt update", "RUN apt update \\\n    && rm -rf /var/lib/apt/lists/*"),
        ("RUN apt-get -q update", "RUN apt-get -q update \\\n    && rm -rf /var/lib/apt/lists/*"),
        (
            "RUN a \\\n  && sudo apt-get update",
            "RUN a \\\n  && sudo apt-get update \\\n  && sudo rm -rf /var/lib/apt/lists/*",
        ),
        ("RUN <<E\napt-get update\nE", "RUN <<E\napt-get update && rm -rf /var/lib/apt/lists/*\nE"),
        (
            "RUN <<E\nset -eux\napt-get update\nE",
            "RUN <<E\nset -eux\napt-get update\nrm -rf /var/lib/apt/lists/*\nE",
        ),
        (
            "RUN bash -c 'apt-get update'",
            "RUN bash -c 'apt-get update' \\\n    && rm -rf /var/lib/apt/lists/*",
        ),
        (
            "RUN apt-get update || exit 1",
            "RUN apt-get update || exit 1 \\\n    && rm -rf /var/lib/apt/lists/*",
        ),
        ("RUN (apt-get update)", "RUN (apt-get update) \\\n    && rm -rf /var/lib/apt/lists/*"),
    ],
)
def test_removed_at_the_end_of_the_same_run(run: str, expected: str) -> None:
    assert apply_rule(RULE, f"FROM debian\n{run}\n") == f"FROM debian\n{expected}\n"


@pytest.mark.parametrize(
    "run", ["apt-get update;", "apt-get update &", "apt-get update # x", "apt-get update; exit 0"]
)
def test_no_fix_if_the_end_of_the_script_is_unclear(run: str) -> None:
    (finding,) = run_rule(RULE, f"FROM debian\nRUN {run}\n")
    assert finding.changes == ()


def test_an_ignore_without_a_reason_has_no_effect() -> None:
    assert run_rule(RULE, f"FROM debian\n# image-size: ignore[{RULE}]\nRUN apt-get update\n")


def test_no_fix_if_a_later_run_installs_from_the_lists() -> None:
    text = "FROM debian\nRUN apt-get update\nRUN apt-get install -y x\n"
    (finding,) = run_rule(RULE, text)
    assert "Line 3" in finding.message
    assert finding.changes == ()


def test_a_later_update_fetches_its_own() -> None:
    text = "FROM debian\nRUN apt-get update\nRUN apt-get update && apt-get install -y x\n"
    assert all(finding.changes for finding in run_rule(RULE, text))


def test_saving_is_measured_in_the_layer() -> None:
    text = "FROM debian\nRUN apt-get update && apt-get install -y x\n"
    tree = "var/lib/apt/lists/a 7MB @2, var/lib/apt/lists/b 8MB @1, usr/bin/x 5MB @2"
    (finding,) = run_rule(RULE, make_rule_input(text, "FROM debian 50MB / RUN apt 30MB", tree))
    assert finding.saving_bytes == 7_000_000


def test_saving_includes_downloads_that_were_kept() -> None:
    text = "FROM debian\nRUN apt-get update && apt-get install -y x"
    tree = "var/lib/apt/lists/a 7MB @2, var/cache/apt/archives/x.deb 4MB @2"
    looked_at = make_rule_input(text, "FROM debian 50MB / RUN apt 30MB", tree)
    (finding,) = run_rule(RULE, looked_at)
    assert finding.saving_bytes == 11_000_000
    assert apply_rule(RULE, looked_at).endswith("rm -rf /var/lib/apt/lists/* /var/cache/apt/*")


def test_not_reported_if_the_image_has_no_lists() -> None:
    text = "FROM debian\nRUN apt-get update\n"
    looked_at = make_rule_input(text, "FROM debian 50MB / RUN apt 30MB", "usr/bin/x 5MB @2")
    assert run_rule(RULE, looked_at) == []


@pytest.mark.parametrize(
    "behind",
    [
        "RUN apt-get upgrade -y",
        "RUN apt-get dist-upgrade -y",
        "RUN apt-cache policy x",
        "RUN apt-get download x",
        "RUN eatmydata apt-get install -y x",
        "RUN xx-apt-get install -y x",
        "RUN mk-build-deps -i",
        "RUN rosdep update && rosdep install --from-paths src",
        "RUN bash -c 'apt-get install -y x'",
        'RUN ["apt-get", "install", "-y", "x"]',
        "RUN apt-get install -y x && apt-get update",
        "CMD apt-get install -y x",
        "ONBUILD RUN apt-get install -y x",
        "COPY setup.sh /\nRUN sh /setup.sh",
        "COPY setup /usr/local/bin/\nRUN setup",
        "COPY . /src\nWORKDIR /src\nRUN ./install",
        "COPY scripts /scripts\nRUN /scripts/all.sh",
        "COPY . .\nRUN ./install",
        "RUN ./install-deps",
        "ADD https://x/setup.sh /s.sh\nRUN sh /s.sh",
        "RUN curl -O https://x/install.sh && sh ./install.sh",
    ],
)
def test_no_fix_if_something_later_reads_the_lists(behind: str) -> None:
    (finding, *_) = run_rule(RULE, f"FROM debian\nRUN apt-get update\n{behind}\n")
    assert finding.changes == ()
    assert "these lists" in finding.message or "the lists of this" in finding.message


@pytest.mark.parametrize(
    "behind",
    [
        "RUN apt-get purge -y x && apt-get autoremove -y",
        "RUN apt-get update && apt-get install -y x",
        "RUN make && ./configure",
        "RUN rm -rf /var/lib/apt/lists/*",
        "COPY app.py /\nRUN python3 /app.py",
        "RUN curl https://x/install.sh | bash",
        "COPY . .\nRUN ./configure && node_modules/.bin/tsc",
        "COPY . .\nRUN venv/bin/pip install .",
        "RUN apt-get clean && rm -rf /var/cache/apt",
        "CMD apt-get update && apt-get install -y x",
    ],
)
def test_a_fix_if_nothing_later_reads_the_lists(behind: str) -> None:
    (finding, *_) = run_rule(RULE, f"FROM debian\nRUN apt-get update\n{behind}\n")
    assert finding.changes


@pytest.mark.parametrize(
    "behind",
    [
        "COPY . .\nRUN curl -O https://x/install.sh && sh ./install.sh",
        "COPY . /app\nRUN cd /tmp/x && ./build",
        "RUN . /etc/profile && ./tool",
    ],
)
def test_scripts_from_elsewhere_do_not_install_from_the_lists(behind: str) -> None:
    update = "RUN apt-get update && apt-get install -y x"
    (finding,) = run_rule(RULE, f"FROM debian\n{update}\n{behind}\n")
    assert finding.changes


@pytest.mark.parametrize(
    "run",
    [
        "rm -rf /var/lib/apt/lists/* && apt-get update",
        "apt-get update && rm -rf /var/lib/apt/lists/* && apt-get update && apt-get install -y x",
    ],
)
def test_lists_are_deleted_behind_the_last_update(run: str) -> None:
    (finding,) = run_rule(RULE, f"FROM debian\nRUN {run}\n")
    assert finding.changes


@pytest.mark.parametrize(
    ("script", "is_fixed"),
    [
        ("apt-get install -y x", False),
        ("apt-get update && apt-get install -y x", True),
        ("make install", True),
    ],
)
def test_a_script_of_the_context_is_read(script: str, is_fixed: bool) -> None:
    context = BuildContext({"setup.sh": 90}, read_text=lambda path: script)
    text = "FROM debian\nRUN apt-get update\nCOPY setup.sh /\nRUN sh /setup.sh\n"
    (finding,) = run_rule(RULE, make_rule_input(text, context=context))
    assert bool(finding.changes) == is_fixed


@pytest.mark.parametrize(
    "other",
    [
        "FROM base AS native\nRUN apt-get install -y gcc",
        "FROM base AS middle\nENV A=b\nFROM middle\nRUN apt-get install -y gcc",
        "FROM debian AS other\nCOPY --from=base /var/lib/apt/lists /var/lib/apt/lists",
        "FROM debian AS other\nRUN --mount=from=base,source=/var/lib/apt,target=/l ls /l",
    ],
)
def test_no_fix_if_another_stage_reads_the_lists(other: str) -> None:
    text = f"FROM debian AS base\nRUN apt-get update\n{other}\nFROM base\nCMD a\n"
    (finding,) = run_rule(RULE, text)
    assert finding.changes == ()


@pytest.mark.parametrize(
    "later",
    ["rm -r /var/lib/apt/lists/*", "ls /var/lib/apt/lists/x", "cd /var/lib/apt/lists; rm *"],
)
def test_no_fix_if_a_later_line_fails_without_the_lists(later: str) -> None:
    (finding,) = run_rule(RULE, f"FROM debian\nRUN apt-get update\nRUN {later}\n")
    assert finding.changes == ()


def test_sudo_may_not_allow_rm() -> None:
    (finding,) = run_rule(RULE, "FROM debian\nUSER a\nRUN sudo -u root apt-get update\n")
    assert finding.safety is FixSafety.NEEDS_CHECK


def test_a_script_that_ends_with_success_keeps_its_end() -> None:
    script = "RUN <<EOF\napt-get update\napt-get install -y x\nexit 0\nEOF\n"
    text = f"FROM debian\n{script}"
    fixed = text.replace("exit 0\n", "rm -rf /var/lib/apt/lists/*\nexit 0\n")
    assert apply_rule(RULE, text) == fixed


@pytest.mark.parametrize("end", ["exit", "exit 1", "true; exit 0", "if true; then\nexit 0\nfi"])
def test_another_end_of_a_script_is_no_place_for_a_command(end: str) -> None:
    script = f"RUN <<EOF\napt-get update\napt-get install -y x\n{end}\nEOF\n"
    (finding,) = run_rule(RULE, f"FROM debian\n{script}")
    assert not finding.changes


@pytest.mark.parametrize(
    ("run", "is_needless"),
    [
        ("apt-get update", True),
        ("apt-get update && curl x", True),
        ("apt-get update\nRUN cd /venv && . bin/activate && pip install x", True),
        ("apt-get update\nRUN . /opt/ros/humble/setup.sh && colcon build", True),
        ('apt-get update\nRUN . "$HOME/.cargo/env" && cargo build', True),
        ("apt-get update\nRUN . /opt/x/setup.sh && make", False),
        ("apt-get update && apt-get install -y x", False),
        ("bash -c 'apt-get update && apt-get install -y x'", False),
    ],
)
def test_an_update_that_nothing_needs(run: str, is_needless: bool) -> None:
    behind = "RUN apt-get update && apt-get install -y y && rm -rf /var/lib/apt/lists/*"
    (finding,) = run_rule(RULE, f"FROM debian\nRUN {run}\n{behind}\n")
    assert finding.message.startswith("Nothing installs packages") is is_needless
