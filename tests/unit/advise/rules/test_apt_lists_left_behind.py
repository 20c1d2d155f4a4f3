"""apt's package lists."""

import pytest

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
            "RUN a \\\n  && sudo apt-get update \\\n  && rm -rf /var/lib/apt/lists/*",
        ),
        ("RUN <<E\napt-get update\nE", "RUN <<E\napt-get update\nrm -rf /var/lib/apt/lists/*\nE"),
        ("RUN (apt-get update)", "RUN (apt-get update) \\\n    && rm -rf /var/lib/apt/lists/*"),
    ],
)
def test_removed_at_the_end_of_the_same_run(run: str, expected: str) -> None:
    assert apply_rule(RULE, f"FROM debian\n{run}\n") == f"FROM debian\n{expected}\n"


@pytest.mark.parametrize("run", ["apt-get update;", "apt-get update &", "apt-get update # x"])
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
