"""The index of copies, held against a search through all of them."""

from fnmatch import fnmatchcase

import pytest

from bot.advise.copy_index import CopyIndex
from bot.advise.copy_targets import is_copy, list_copied_paths, resolve_copy_destination
from tests.support.rule_inputs import make_rule_input

TEXT = """FROM debian
COPY a.sh b.sh /bin/
COPY a.sh /bin/a.sh
COPY web /app/web
COPY . /app
WORKDIR rel
COPY x.sh ./
COPY app /srv
RUN true
COPY a.sh /bin/a.sh
"""
RULE_INPUT = make_rule_input(TEXT)
INDEX = CopyIndex(RULE_INPUT)
RUN = next(step for step in RULE_INPUT.steps if step.instruction.keyword == "RUN")
COPIES = [step for step in RULE_INPUT.steps_before(RUN) if is_copy(step)]


@pytest.mark.parametrize("target", ["/bin/a.sh", "/bin/*.sh", "/b*/[ab].sh", "/app/web", "/none"])
def test_the_first_two_copies_of_a_path(target: str) -> None:
    expected = [x for x in COPIES if any(fnmatchcase(p, target) for p in list_copied_paths(x))]
    assert list(INDEX.find_by_path(RUN, target)) == expected[:2]


@pytest.mark.parametrize("target", ["/bin", "/app", "/app/web", "/srv", "/none"])
def test_the_first_two_copies_to_a_destination(target: str) -> None:
    expected = [x for x in COPIES if resolve_copy_destination(x) == target]
    assert list(INDEX.find_by_destination(RUN, target)) == expected[:2]


@pytest.mark.parametrize(
    ("target", "below", "is_near"),
    [("/app", 1, True), ("/app/web/x", 0, True), ("/bin", 1, True), ("/lib", 0, False)],
)
def test_copies_near_a_folder(target: str, below: int, is_near: bool) -> None:
    assert (INDEX.count_below(RUN, target), INDEX.has_near(RUN, target)) == (below, is_near)


@pytest.mark.parametrize(
    ("number", "path", "expected"),
    [
        (0, "/bin/a.sh", True),  # the second copy brings it again
        (1, "/bin/a.sh", False),  # the last one is below the RUN
        (2, "/app/web", True),  # `COPY .` may have it
        (3, "/app/web", False),
    ],
)
def test_a_copy_between_two_steps(number: int, path: str, expected: bool) -> None:
    assert INDEX.may_bring_between(COPIES[number], RUN, path) is expected
