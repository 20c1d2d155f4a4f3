"""Commands in shell form where the last stage has no shell."""

import pytest

from tests.support.rewrite_world import GO, GO_FILES
from tests.unit.rewrite.test_second_offers import list_offers


def list_bases(command: str, files: str = GO_FILES) -> list[str]:
    return [offer.base_image for offer in list_offers(files, GO + command)]


def test_a_plain_command_is_started_without_the_shell() -> None:
    offer, *_ = list_offers(GO_FILES, f"{GO}# serves\nCMD exec /app --port=80 a:b\nEXPOSE 80\n")
    assert offer.base_image == "scratch"
    assert '\n# serves\nCMD ["/app", "--port=80", "a:b"]\nEXPOSE 80\n' in offer.last_stage
    assert "exec" not in offer.last_stage
    assert offer.difference.endswith(", and `CMD` starts the program itself")
    assert "CMD" in offer.candidate.accepted_changes


def test_where_a_shell_is_the_command_stays() -> None:
    offers = {x.base_image: x for x in list_offers(GO_FILES, GO + "CMD /app\n")}
    assert "\nCMD /app\n" in offers["alpine:3"].last_stage
    assert "CMD" not in offers["alpine:3"].candidate.accepted_changes
    assert "`CMD`" not in offers["alpine:3"].difference


@pytest.mark.parametrize(
    "command",
    [
        "CMD /app $PORT",
        "CMD PORT=1 /app",
        "CMD cd / && /app",
        "CMD /app > log",
        "CMD /app *.yml",
        "CMD /app 'a b'",
        "CMD /app ~/x",
        "CMD /app &",
        "ENTRYPOINT /app",
    ],
)
def test_a_command_that_means_something_to_the_shell_needs_one(command: str) -> None:
    bases = list_bases(command + "\n")
    assert not [name for name in bases if name == "scratch" or "distroless" in name]
