"""Archives by URL."""

import pytest

from tests.support.rule_inputs import make_rule_input, run_rule

RULE = "archive-added-by-url"


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nADD https://x/a.tar.gz /a.tar.gz",
        "FROM a\nADD https://x/a.jar /a.jar\nRUN ls",
        "FROM a\nADD a.tar.gz /opt",
        "FROM a\nADD https://github.com/x/y.git /src\nRUN make",
        "FROM a\nADD https://x/a.tgz /a.tgz\nRUN sha256sum /a.tgz",
        "FROM a\nRUN curl https://x/a.tgz | tar xz",
        "FROM a AS b\nADD https://x/a.tgz /a.tgz\nRUN tar xf /a.tgz\nFROM a\nCOPY --from=b /y /y",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


@pytest.mark.parametrize(
    "url", ["https://x/a.tar.xz", "https://x/y/a.tgz?raw=1", "http://x/a.zip", "https://x/a.tar"]
)
def test_archive_urls_are_reported(url: str) -> None:
    name = url.partition("?")[0].rpartition("/")[2]
    run = "unzip" if name.endswith("zip") else "tar xf"
    (finding,) = run_rule(RULE, f"FROM a\nADD {url} /{name}\nRUN {run} /{name} && rm /{name}\n")
    assert finding.changes == ()


def test_saving_is_the_size_of_the_archive() -> None:
    text = "FROM a\nADD https://x/a.tgz /tmp/\nRUN tar xf /tmp/a.tgz\n"
    world = "FROM a 10MB / ADD a 7MB / RUN tar 9MB"
    (finding,) = run_rule(RULE, make_rule_input(text, world, "tmp/a.tgz 7MB @2, opt/a 9MB @3"))
    assert finding.saving_bytes == 7_000_000
