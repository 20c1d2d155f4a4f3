from bot.pull_request.comment import Action, Decision, Standing, decide


def decision(
    *standing: Standing, body: str = "new", wanted: bool = True, ours: str = "a", current: str = "a"
) -> Decision:
    return decide(standing, body, wanted=wanted, ours=ours, current=current)


def test_an_older_run_overwrites_nothing() -> None:
    assert decision(Standing(1, "newer"), ours="old").action is Action.LEAVE
    assert decision(ours="old").action is Action.LEAVE


def test_nothing_to_say_and_nothing_there() -> None:
    assert decision(wanted=False).action is Action.LEAVE


def test_what_is_no_longer_true_goes() -> None:
    found = decision(Standing(1, "old"), wanted=False)
    assert (found.action, found.comment_id) == (Action.DELETE, 1)


def test_the_same_words_are_not_written_again() -> None:
    assert decision(Standing(1, "new")).action is Action.LEAVE


def test_one_comment_made_then_kept_up_to_date() -> None:
    assert decision().action is Action.CREATE
    found = decision(Standing(1, "old"))
    assert (found.action, found.comment_id) == (Action.UPDATE, 1)


def test_extra_copies_go_whatever_else_happens() -> None:
    for body in ("old", "new"):
        assert decision(Standing(1, body), Standing(2, "x"), Standing(3, "y")).extra == (2, 3)
