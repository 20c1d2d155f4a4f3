from bot.pull_request.comment import CommentAction, CommentPlan, ExistingComment, plan_comment


def decision(
    *standing: ExistingComment,
    body: str = "new",
    should_exist: bool = True,
    ours: str = "a",
    current: str = "a",
) -> CommentPlan:
    return plan_comment(
        standing, body, should_exist=should_exist, report_head=ours, current_head=current
    )


def test_an_older_run_overwrites_nothing() -> None:
    assert decision(ExistingComment(1, "newer"), ours="old").action is CommentAction.LEAVE
    assert decision(ours="old").action is CommentAction.LEAVE


def test_nothing_to_say_and_nothing_there() -> None:
    assert decision(should_exist=False).action is CommentAction.LEAVE


def test_what_is_no_longer_true_goes() -> None:
    action = decision(ExistingComment(1, "old"), should_exist=False)
    assert (action.action, action.comment_id) == (CommentAction.DELETE, 1)


def test_the_same_words_are_not_written_again() -> None:
    assert decision(ExistingComment(1, "new")).action is CommentAction.LEAVE


def test_one_comment_made_then_kept_up_to_date() -> None:
    assert decision().action is CommentAction.CREATE
    action = decision(ExistingComment(1, "old"))
    assert (action.action, action.comment_id) == (CommentAction.UPDATE, 1)


def test_extra_copies_go_whatever_else_happens() -> None:
    for body in ("old", "new"):
        assert decision(
            ExistingComment(1, body), ExistingComment(2, "x"), ExistingComment(3, "y")
        ).extra_ids == (2, 3)
