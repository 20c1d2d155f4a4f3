"""The third line names what to change where the cause of a growth is known."""

import pytest

from bot.report.page.page import make_page, to_plain_text
from tests.support.image_world import budget, compared, review

_FROM = "FROM debian 124MB"


def lines(before: str, after: str) -> tuple[str, str]:
    page = make_page(review(compared(before, after, budget(max_growth="10MB"))))
    return to_plain_text(page.why), to_plain_text(page.next_step).partition(". If the growth")[0]


@pytest.mark.parametrize(
    ("added", "fix"),
    [
        pytest.param(
            "COPY . /app 90MB / RUN chown -R app /app 90MB copies 90MB of 2 in /app (/app 90MB)",
            "Set owner and mode in line 2 with --chown or --chmod, not in line 3 (saves 90.0 MB)",
            id="a copied folder",
        ),
        pytest.param(
            "RUN make 90MB / RUN chmod -R a+x /app 90MB copies 90MB of 2 in /app (/app 90MB)",
            "Set owner and mode in line 2, not in line 3 (saves 90.0 MB)",
            id="a folder that a command wrote",
        ),
        pytest.param(
            "COPY . /app 90MB / RUN make again 90MB copies 90MB of 2 in /app (/app 90MB)",
            "Look at line 3 of api/Dockerfile",
            id="the same content, not for an owner",
        ),
        pytest.param(
            "COPY . /app 4MB / RUN apt-get install -y curl 30MB (deb curl 7 10MB, "
            "/var/lib/apt/lists 20MB)",
            "Remove /var/lib/apt/lists at the end of line 3 of api/Dockerfile (saves 20.0 MB), "
            "and look at what else it adds",
            id="a cache",
        ),
        pytest.param(
            "COPY . /app 4MB / RUN apt-get install -y curl 30MB (deb curl 7 10MB, "
            "/var/lib/apt/lists 20MB) / RUN apt-get install -y jq 1MB",
            "Look at line 3 of api/Dockerfile",
            id="lists that a later line installs from",
        ),
    ],
)
def test_the_line_says_what_to_change(added: str, fix: str) -> None:
    before = f"{_FROM} / {added.partition(' / ')[0]}"
    assert lines(before, f"{_FROM} / {added}")[1].removesuffix(".") == fix


@pytest.mark.parametrize(
    ("line", "later", "why", "fix"),
    [
        (
            "COPY . /app",
            "RUN rm -rf /app/n",
            "; line 3 removes 86.0 MB of it, still in the image.",
            "Leave the source of /app/n/file out of line 2 with a .dockerignore (saves 86.0 MB)",
        ),
        (
            "COPY --from=build /app /app",
            "RUN rm -rf /app/n",
            "; line 3 removes 86.0 MB of it, still in the image.",
            "Do not copy /app/n/file in line 2 (saves 86.0 MB)",
        ),
        (
            "RUN make",
            "RUN rm -rf /app/n",
            "; line 3 removes 86.0 MB of it, still in the image.",
            "Remove /app/n/file in line 2 itself, not in line 3 (saves 86.0 MB)",
        ),
    ],
)
def test_what_a_later_line_removes_is_still_in_the_image(
    line: str, later: str, why: str, fix: str
) -> None:
    before = f"{_FROM} / {line} 4MB (/app 4MB)"
    after = f"{_FROM} / {line} 90MB ~2 (/app 90MB) / {later} 0B removes 86MB of 2 in /app/n"
    cause, step = lines(before, after)
    assert f"adds 86.0 MB, all of it in /app{why}" in cause
    assert step == fix


def test_what_was_removed_before_is_not_said_of_this_growth() -> None:
    line = "COPY . /app {} (/app {}) / RUN rm -rf /app/n 0B removes {} of 2 in /app/n"
    old, new = line.format("90MB", "90MB", "86MB"), line.format("110MB ~2", "110MB", "86MB")
    why, step = lines(f"{_FROM} / {old}", f"{_FROM} / {new}")
    assert "still in the image" not in why
    assert step == "Look at line 2 of api/Dockerfile"


@pytest.mark.parametrize(
    ("old", "new", "fix"),
    [
        ("python:3-slim", "python:3", "Use FROM python:3-slim as before, which saves 900 MB"),
        (
            "python:3",
            "python:3",
            "This change did not cause it: pin the base image to a digest to choose its updates",
        ),
        ("python:$V", "python:3", "Look at line 1 of api/Dockerfile"),
    ],
)
def test_a_larger_base_image_is_of_the_change_or_not(old: str, new: str, fix: str) -> None:
    after = f"FROM {new} 1.02GB ~2 / COPY . /app 4MB ~2 ="
    assert lines(f"FROM {old} 120MB / COPY . /app 4MB", after)[1] == fix
