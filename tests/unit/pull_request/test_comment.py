from bot.pull_request.comment import CommentAction, CommentPlan, ExistingComment, plan_comment


def decision(
    *standing: ExistingComment,
    body: str = "new",
    is_news: bool = True,
    ours: str = "a",
    current: str = "a",
) -> CommentPlan:
    return plan_comment(standing, body, is_news=is_news, report_head=ours, current_head=current)


def test_an_older_run_does_not_overwrite_a_newer_comment() -> None:
    assert decision(ExistingComment(1, "newer"), ours="old").action is CommentAction.LEAVE
    assert decision(ours="old").action is CommentAction.LEAVE


def test_without_a_report_and_a_comment_nothing_happens() -> None:
    assert decision(is_news=False).action is CommentAction.LEAVE


def test_a_comment_is_updated_although_there_is_no_news() -> None:
    """It would say of an earlier push what is no longer true."""
    action = decision(ExistingComment(1, "old"), is_news=False)
    assert (action.action, action.comment_id) == (CommentAction.UPDATE, 1)


def test_an_unchanged_comment_is_not_written_again() -> None:
    assert decision(ExistingComment(1, "new")).action is CommentAction.LEAVE


def test_a_comment_is_created_then_updated() -> None:
    assert decision().action is CommentAction.CREATE
    action = decision(ExistingComment(1, "old"))
    assert (action.action, action.comment_id) == (CommentAction.UPDATE, 1)


def test_extra_copies_are_always_deleted() -> None:
    for body in ("old", "new"):
        assert decision(
            ExistingComment(1, body), ExistingComment(2, "x"), ExistingComment(3, "y")
        ).extra_ids == (2, 3)
