"""The suggestions that fit a diff; accepting them gives exactly the proposed file."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.model.report import Report
from bot.model.suggestion import Confidence, Edit, Suggestion
from bot.pull_request.review_comments import (
    PostedSuggestion,
    ReviewCommentAction,
    ReviewSuggestion,
    choose_action,
    compute_digest,
    find_unposted,
    limit_suggestions,
    parse_hunks,
    select_suggestions,
)
from tests.support.image_world import compared, review
from tests.support.suggestions import make_patch

OLD = "FROM debian\nRUN a\nRUN b\nCMD x\n"
NEW = "FROM debian\nRUN a\nRUN apt-get install gcc\nRUN b\nCMD x\n"
PATCH = make_patch(OLD, NEW, context=1)


def suggestion(*edits: Edit, rule: str = "r", saving: int = 1) -> Suggestion:
    return Suggestion(
        rule, "Title", "Message.", Confidence.ESTIMATED, saving_bytes=saving, edits=edits
    )


def make_suggestion_about(*suggestions: Suggestion) -> Report:
    image = compared("FROM a 1MB", "FROM a 2MB ~2", suggestions=suggestions)
    return review(replace(image, spec=replace(image.spec, dockerfile="Dockerfile")))


def find_proposals(
    *suggestions: Suggestion, text: str = NEW, patch: str = PATCH
) -> list[ReviewSuggestion]:
    return select_suggestions(
        make_suggestion_about(*suggestions),
        {"Dockerfile": parse_hunks(patch)},
        {"Dockerfile": text},
    )


def test_a_patch_shows_lines_of_the_new_file() -> None:
    hunks = parse_hunks("@@ -1,2 +1,2 @@ x\n a\n-b\n+B\n@@ -10,2 +10,1 @@\n-j\n k\n\\ No newline")
    assert hunks == ({1: "a", 2: "B"}, {10: "k"})
    assert parse_hunks("") == ()


def test_an_edit_of_a_changed_line_is_proposed() -> None:
    (offer,) = find_proposals(suggestion(Edit(3, 3, "RUN x\n")))
    assert (offer.line_start, offer.line_end, offer.original_text) == (
        3,
        3,
        "RUN apt-get install gcc",
    )


@pytest.mark.parametrize(
    "edit",
    [
        Edit(1, 1, "FROM x\n"),  # not in the diff
        Edit(4, 5, "CMD y\n"),  # half of it is not
        Edit(9, 9, "x\n"),  # not in the file
        Edit(3, 3, "a\r\nb\n"),  # a block cannot say it
        Edit(3, 3, "x" * 70_000),
        Edit(
            3, 3, "ENV NPM_TOKEN=***\n"
        ),  # the report holds no secrets, so it cannot give one back
    ],
)
def test_an_edit_that_cannot_be_a_suggestion_is_not_proposed(edit: Edit) -> None:
    assert find_proposals(suggestion(edit)) == []
    assert find_proposals(suggestion(Edit(3, 3, "RUN x\n"), edit)) == [], (
        "a part alone is no suggestion"
    )


def test_nothing_is_proposed_for_a_file_other_than_the_measured_one() -> None:
    """The merge commit's Dockerfile holds what the base branch did, too."""
    assert find_proposals(suggestion(Edit(3, 3, "RUN x\n")), text=NEW.replace("gcc", "g++")) == []


def test_each_line_gets_the_proposal_with_the_largest_saving() -> None:
    small = suggestion(Edit(3, 4, "RUN y\n"), rule="small", saving=5)
    large = suggestion(Edit(3, 3, "RUN x\n"), rule="large", saving=50)
    assert [offer.suggestion.rule for offer in find_proposals(small, large)] == ["large"]


def test_two_images_of_one_dockerfile_give_one_proposal() -> None:
    first = suggestion(Edit(3, 3, "RUN x\n"))
    assert len(find_proposals(first, replace(first, message="Other words."))) == 1


def test_an_insertion_is_placed_on_the_line_below() -> None:
    (offer,) = find_proposals(suggestion(Edit(3, 2, "ARG X")))
    assert (offer.line_start, offer.line_end) == (3, 3)
    assert offer.replacement == "ARG X\nRUN apt-get install gcc\n"


def test_a_moved_edit_is_the_same_proposal() -> None:
    (offer,) = find_proposals(suggestion(Edit(3, 3, "RUN x\n")))
    moved = replace(offer, line_start=9, line_end=9)
    assert compute_digest(moved) == compute_digest(offer)
    assert compute_digest(replace(offer, replacement="RUN y\n")) != compute_digest(offer)


def test_existing_comments_are_kept_closed_or_deleted() -> None:
    expected = find_proposals(suggestion(Edit(3, 3, "RUN x\n")))
    stands = PostedSuggestion(1, compute_digest(expected[0]), 3, has_replies=False)
    assert choose_action(stands, expected) is ReviewCommentAction.KEEP
    assert choose_action(replace(stands, line=None), expected) is ReviewCommentAction.DELETE
    assert choose_action(stands, []) is ReviewCommentAction.DELETE
    assert choose_action(replace(stands, has_replies=True), []) is ReviewCommentAction.CLOSE
    assert find_unposted(expected, [stands]) == []
    assert find_unposted(expected, [replace(stands, line=None)]) == expected


def test_the_limit_drops_whole_suggestions() -> None:
    text = "".join(f"RUN {n}\n" for n in range(9))
    two = suggestion(Edit(1, 1, "a\n"), Edit(2, 2, "b\n"), saving=9)
    first = suggestion(Edit(3, 3, "c\n"), saving=5)
    all_of_them = find_proposals(two, first, text=text, patch=make_patch("", text))
    assert [offer.line_start for offer in limit_suggestions(all_of_them, 3)] == [1, 2, 3]
    assert [offer.line_start for offer in limit_suggestions(all_of_them, 2)] == [1, 2]
    assert [offer.line_start for offer in limit_suggestions(all_of_them, 1)] == [3]
    assert limit_suggestions(all_of_them, 0) == []


LINES = st.lists(st.text("ab `#\\", max_size=4), min_size=1, max_size=8)


@given(LINES, LINES, st.data())
def test_a_proposal_contains_the_text_it_replaces(
    old: list[str], new: list[str], data: st.DataObject
) -> None:
    before, after = ("".join(f"{line}\n" for line in lines) for lines in (old, new))
    patch = make_patch(before, after)
    hunks = [hunk for hunk in parse_hunks(patch) if hunk]
    assume(hunks)
    hunk = data.draw(st.sampled_from(hunks))
    start = data.draw(st.sampled_from(sorted(hunk)))
    end = data.draw(st.sampled_from([line for line in sorted(hunk) if line >= start]))
    (offer,) = find_proposals(suggestion(Edit(start, end, "x\n")), text=after, patch=patch)
    assert offer.original_text == "\n".join(new[start - 1 : end])
