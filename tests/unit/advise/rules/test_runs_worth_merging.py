"""`RUN`s that are worth merging."""

import pytest

from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "runs-worth-merging"


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN a\nRUN b",
        "FROM a\nRUN apt-get update\nRUN apt-get install x",
        "FROM a\nRUN make\nUSER x\nRUN strip /x",
        "FROM a\nRUN cd /src && make\nRUN strip /x",
        "FROM a\nRUN --mount=type=cache,target=/c make\nRUN strip /x",
        "FROM a\nCOPY x /x\nRUN make\nRUN strip /x",
        "FROM a\nRUN apt-get install upx\nRUN upx /usr/bin/x",
        "FROM a AS b\nRUN make\nRUN strip /x\nFROM a\nCOPY --from=b /x /x",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


def test_reported_if_the_second_rewrites_files_of_the_first() -> None:
    text = "FROM a\nRUN make\nRUN ./shrink\nRUN ls\n"
    world = "FROM a 10MB / RUN make 50MB / RUN shrink 20MB overwrites 40MB of 2 in /opt / RUN ls 0B"
    looked_at = make_rule_input(text, world, "usr/x 1MB @2")
    (finding,) = run_rule(RULE, looked_at)
    assert (finding.saving_bytes, finding.instruction.line_start) == (40_000_000, 3)
    assert apply_rule(RULE, looked_at) == "FROM a\nRUN make \\\n    && ./shrink\nRUN ls\n"
    assert "layer cache" in finding.message


def test_owners_and_modes_are_reported_by_another_rule() -> None:
    text = "FROM a\nRUN make\nRUN chown -R 1 /opt\n"
    world = "FROM a 10MB / RUN make 50MB / RUN c 40MB copies 40MB of 2 in /opt"
    assert run_rule(RULE, make_rule_input(text, world, "usr/x 1MB @2")) == []


@pytest.mark.parametrize("first", ["make", "go build -o /x", "curl -o /x u", "cp /y /x"])
def test_the_first_seems_to_make_the_file(first: str) -> None:
    (finding,) = run_rule(RULE, f"FROM a\nRUN {first}\nRUN strip /x\n")
    assert finding.changes
