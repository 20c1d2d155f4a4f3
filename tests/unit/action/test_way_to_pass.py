"""The line "Fix" of a failed check: each way that it names is taken, and the job passes then."""

import html
import re
from pathlib import Path

import pytest

from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.repository import Repository
from tests.support.runner import REPO, Job, PullRequest, pull_request
from tests.unit.action.conftest import BOT, DOCKERFILE, make_job

CONFIG = ".github/image-size.yml"
GROWTH, SIZE = "budget: {max-growth: 5kB}\n", "budget: {max-size: 8kB}\n"


def configure_base(job: Job, pull: PullRequest, text: str) -> None:
    """Put a configuration on the base branch, and merge the pull request with it."""
    origin = pull.origin
    origin.git("checkout", "--quiet", "main")
    base = origin.commit({CONFIG: text})
    origin.git("checkout", "--quiet", "--detach", base)
    origin.git("update-ref", "refs/pull/7/merge", origin.merge("topic"))
    job.check_out_again("refs/pull/7/merge")


def read_advice(job: Job) -> str:
    """Return the line of the comment, as plain text."""
    body = job.github.comments(REPO, 7)[-1].body
    (line,) = re.findall(r"^\*\*Fix:\*\* (.*)$", body, re.MULTILINE)
    return html.unescape(re.sub(r"</?code>", "", line))


def read_entry(advice: str) -> str:
    """Return the entry of the image with what the advice says to set on the base branch."""
    location = (
        rf"for \S+ in {re.escape(CONFIG)}, in a separate pull request to main that is merged first"
    )
    (budget,) = re.findall(rf"set (budget: {{[^}}]+}}) {location}", advice)
    return f"images: [{{dockerfile: Dockerfile, {budget}}}]\n"


def read_entries(advice: str) -> dict[str, str]:
    """Return the budget that the advice says to set for each image, by the image's name."""
    (line,) = re.findall(
        rf"Or set (.*?),? in {re.escape(CONFIG)}, in a separate pull request", advice
    )
    groups = re.findall(r"(budget: {[^}]+}) for (.*?)(?=, and budget: |$)", line)
    return {name: budget for budget, names in groups for name in re.split(", | and ", names)}


def read_listing(job: Job) -> str:
    """Return the lines for the configuration in the comment."""
    body = job.github.comments(REPO, 7)[-1].body
    (listing,) = re.findall("<pre><code>(images.*?)</code></pre>", body, re.DOTALL)
    return html.unescape(listing)


def fail(job: Job, tools: ArchiveTools) -> str:
    done = job.run_here(tools.open)
    assert done.status == 1, done.log
    return read_advice(job)


def test_the_label(job: Job, tools: ArchiveTools, github: GitHubStandIn, pull: PullRequest) -> None:
    advice = fail(job, tools)
    (label,) = re.findall(r"set the label ([\w-]+) \(needs write access", advice)
    github.label(REPO, 7, label, by="alice")
    job.payload = {**job.payload, "action": "labeled", "label": {"name": label}}
    assert job.run_here(tools.open).status == 0


def test_the_label_of_the_base(job: Job, tools: ArchiveTools, pull: PullRequest) -> None:
    configure_base(job, pull, "approve: {label: big is fine}\n")
    advice = fail(job, tools)
    assert "set the label big is fine (" in advice
    job.github.label(REPO, 7, "big is fine", by="alice")
    assert job.run_here(tools.open).status == 0


@pytest.mark.parametrize("token", ["writes", "reads"])
def test_the_label_and_a_second_attempt_where_labels_start_no_run(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, token: str
) -> None:
    """As in a workflow that an organisation requires: same event, same payload."""
    job.payload = {**job.payload, "action": "synchronize"}
    if token == "reads":
        job.token = github.token(BOT, issues="read", pull_requests="read")
    job.inputs["comment"] = "never" if token == "reads" else "always"
    done = job.run_here(tools.open)
    assert done.status == 1
    assert "if no run starts then, re-run the job" in done.summary
    github.label(REPO, 7, "image-size-approved", by="alice")
    job.extra_variables = {"GITHUB_RUN_ATTEMPT": "2"}
    assert job.run_here(tools.open).status == 0


def test_the_input(job: Job, tools: ArchiveTools) -> None:
    advice = fail(job, tools)
    (job.inputs["max-growth"],) = re.findall(r"set max-growth: ([\w.]+) in the inputs", advice)
    assert job.run_here(tools.open).status == 0


@pytest.mark.parametrize("answer", ["label", "input"])
def test_a_limit_for_a_warning(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, answer: str
) -> None:
    """With `fail-on: warn`, which makes it red."""
    job.inputs |= {"max-growth": "1MB", "warn-growth": "5kB", "fail-on": "warn"}
    advice = fail(job, tools)
    assert "Look at line 2 of Dockerfile. If the growth is intended, set the label " in advice
    (limit,) = re.findall(r"Or set warn-growth: ([\w.]+) in the inputs of this action", advice)
    if answer == "label":
        github.label(REPO, 7, "image-size-approved", by="alice")
    else:
        job.inputs["warn-growth"] = limit
    assert job.run_here(tools.open).status == 0


@pytest.mark.parametrize("text", [GROWTH, SIZE])
def test_the_file_of_the_base(job: Job, tools: ArchiveTools, pull: PullRequest, text: str) -> None:
    del job.inputs["max-growth"]
    configure_base(job, pull, text)
    advice = fail(job, tools)
    assert ("set the label" in advice) is (text == GROWTH)
    configure_base(job, pull, text + read_entry(advice))
    assert job.run_here(tools.open).status == 0


def test_the_file_of_the_base_with_a_limit_for_each_image(
    tmp_path: Path, github: GitHubStandIn, tools: ArchiveTools
) -> None:
    """Four images that copy one file, of which one grows by a file of its own as well."""
    names = ("cart", "mail", "news", "search")
    files = {f"{name}/Dockerfile": "FROM scratch\nCOPY shared /\n" for name in names}
    files["search/Dockerfile"] += "COPY model /\n"
    before = {**files, "shared": "x" * 1_000, "model": "x" * 1_000}
    pull = pull_request(tmp_path / "origin", before, {"shared": "x" * 9_000, "model": "x" * 40_000})
    job = make_job(tmp_path / "job", github, pull)
    configure_base(job, pull, GROWTH)
    advice = fail(job, tools)
    entries = read_entries(advice)
    assert entries == {
        **dict.fromkeys(names, "budget: {max-growth: 8.4kB}"),
        "search": "budget: {max-growth: 50kB}",
    }
    images = [f"{{dockerfile: {name}/Dockerfile, {budget}}}" for name, budget in entries.items()]
    configure_base(job, pull, f"{GROWTH}images: [{', '.join(images)}]\n")
    assert job.run_here(tools.open).status == 0


def test_images_over_budget_for_different_reasons(
    tmp_path: Path, github: GitHubStandIn, tools: ArchiveTools
) -> None:
    """One grows, one is new and too large, one stores a file twice: one line lets all pass."""
    before = {"api/Dockerfile": "FROM scratch\nCOPY app /\n", "app": "x" * 1_000}
    before["job/Dockerfile"] = before["api/Dockerfile"]
    head = {
        "app": "x" * 7_000,
        "job/Dockerfile": "FROM scratch\nCOPY app /\nCOPY app /\n",
        "train/Dockerfile": "FROM scratch\nCOPY model /\n",
        "model": "x" * 40_000,
    }
    pull = pull_request(tmp_path / "origin", before, head)
    job = make_job(tmp_path / "job", github, pull)
    strict = "budget: {max-growth: 5kB, max-waste: 2kB, max-size: 30kB}\n"
    configure_base(job, pull, strict)
    advice = fail(job, tools)
    assert "set the label" not in advice
    (line,) = re.findall(r"If this is intended, set (.*?), in a separate pull request", advice)
    entries = read_entries(f"Or set {line}, in a separate pull request")
    assert entries.keys() == {"api", "job", "train"}
    images = [f"{{dockerfile: {name}/Dockerfile, {budget}}}" for name, budget in entries.items()]
    configure_base(job, pull, f"{strict}images: [{', '.join(images)}]\n")
    assert job.run_here(tools.open).status == 0


def test_more_images_than_a_sentence_has_room_for(
    tmp_path: Path, github: GitHubStandIn, tools: ArchiveTools
) -> None:
    """The lines of the page are pasted; the limits of the other images stay as they are."""
    names = [f"service-{letter}" for letter in "abcdef"]
    files = {f"{name}/Dockerfile": "FROM scratch\nCOPY shared /\n" for name in names}
    # A percentage of the base, and bytes: what serves these images may be less for another one.
    common = "budget: {max-growth: {bytes: 5kB, percent: 5}}\n"
    own = "  - {dockerfile: other/Dockerfile, budget: {max-growth: 1kB}}\n"
    files["other/Dockerfile"] = "FROM scratch\nCOPY fixed /\n"
    before = {**files, "shared": "", "fixed": ""}
    pull = pull_request(tmp_path / "origin", before, {"shared": "x" * 9_000})
    job = make_job(tmp_path / "job", github, pull)
    configure_base(job, pull, f"{common}images:\n{own}")
    assert "set the listed limits (see the details)" in fail(job, tools)
    listing = read_listing(job)
    assert "other" not in listing
    configure_base(job, pull, f"{common}{listing}{own}")
    assert job.run_here(tools.open).status == 0


def test_one_budget_at_the_top_level(
    tmp_path: Path, github: GitHubStandIn, tools: ArchiveTools
) -> None:
    """Of thirty images that copy one file, ten are within limits of their own.

    One more grows by a file of its own, and one is judged by a lower limit of its own.
    """
    names = [f"s{number:02}" for number in range(30)]
    files = {f"{name}/Dockerfile": "FROM scratch\nCOPY shared /\n" for name in names}
    files["s07/Dockerfile"] += "COPY model /\n"
    before = {**files, "shared": "x" * 1_000, "model": "x" * 1_000}
    pull = pull_request(tmp_path / "origin", before, {"shared": "x" * 9_000, "model": "x" * 40_000})
    job = make_job(tmp_path / "job", github, pull)
    own = {**dict.fromkeys(names[20:], "20kB"), "s08": "1kB"}
    entries = {name: f"{{max-growth: {limit}}}" for name, limit in own.items()}
    configure_base(job, pull, GROWTH + _write_images(entries))
    advice = fail(job, tools)
    (common,) = re.findall(r"[sS]et (budget: {[^}]+}) at the top level, and ", advice)
    exceptions = read_entries("Or set " + advice.partition(" at the top level, and ")[2])
    assert exceptions.keys() == {"s07", "s08"}
    entries |= {name: budget.removeprefix("budget: ") for name, budget in exceptions.items()}
    configure_base(job, pull, f"{common}\n{_write_images(entries)}")
    assert job.run_here(tools.open).status == 0


def _write_images(budgets: dict[str, str]) -> str:
    lines = (f"  - {{dockerfile: {x}/Dockerfile, budget: {y}}}\n" for x, y in budgets.items())
    return "images:\n" + "".join(lines)


# Each is exceeded by the image, which has two layers with the same file.
EXCEEDED = {
    "max-waste": "max-waste: 5kB",
    "max-layers": "max-layers: 1",
    "max-growth": "metric: pull, ignore-below: 0, max-growth: 1",
}


def copy_twice(job: Job, pull: PullRequest) -> None:
    """Let the pull request add a second layer, which hides all of the first one."""
    pull.origin.git("checkout", "--quiet", "topic")
    head = pull.origin.commit({"Dockerfile": f"{DOCKERFILE}COPY app /\n"})
    job.payload["pull_request"]["head"]["sha"] = head
    job.github.push(REPO, 7, head)


@pytest.mark.parametrize("name", EXCEEDED)
def test_a_limit_on_layers_or_downloads_in_the_file_of_the_base(
    job: Job, tools: ArchiveTools, pull: PullRequest, name: str
) -> None:
    del job.inputs["max-growth"]
    copy_twice(job, pull)
    strict = f"budget: {{{EXCEEDED[name]}}}\n"
    configure_base(job, pull, strict)
    advice = fail(job, tools)
    assert ("set the label" in advice) is (name == "max-growth")
    configure_base(job, pull, strict + read_entry(advice))
    assert job.run_here(tools.open).status == 0


def test_the_label_lets_a_download_pass(
    job: Job, tools: ArchiveTools, pull: PullRequest, github: GitHubStandIn
) -> None:
    del job.inputs["max-growth"]
    configure_base(job, pull, f"budget: {{{EXCEEDED['max-growth']}}}\n")
    advice = fail(job, tools)
    assert "If the download is intended, set the label image-size-approved (" in advice
    github.label(REPO, 7, "image-size-approved", by="alice")
    assert job.run_here(tools.open).status == 0


@pytest.mark.parametrize("name", ["max-waste", "max-layers"])
def test_the_lines_that_waste_or_are_too_many(
    job: Job, tools: ArchiveTools, pull: PullRequest, name: str
) -> None:
    """The line that is named holds the waste, and without it there is one layer less."""
    del job.inputs["max-growth"]
    copy_twice(job, pull)
    configure_base(job, pull, f"budget: {{{EXCEEDED[name]}}}\n")
    advice = fail(job, tools)
    assert ("line 2 of Dockerfile" in advice) is (name == "max-waste")
    lines = f"{DOCKERFILE}COPY app /\n".splitlines(keepends=True)
    pull.origin.git("checkout", "--quiet", "topic")
    head = pull.origin.commit({"Dockerfile": "".join([*lines[:1], *lines[2:]])})
    job.payload["pull_request"]["head"]["sha"] = head
    job.github.push(REPO, 7, head)
    configure_base(job, pull, f"budget: {{{EXCEEDED[name]}}}\n# again\n")
    assert job.run_here(tools.open).status == 0


def test_the_file_of_the_change(job: Job, tools: ArchiveTools) -> None:
    del job.inputs["max-growth"]
    job.inputs["base-ref"] = "main"
    for text, status in ((SIZE, 1), (SIZE.replace("8kB", "9.6kB"), 0)):
        head = Repository(job.workspace).commit({CONFIG: text})
        job.payload["pull_request"]["head"]["sha"] = head
        job.github.push(REPO, 7, head)
        assert job.run_here(tools.open).status == status
        advice = read_advice(job) if status else ""
        assert status == 0 or f"set budget: {{max-size: 9.6kB}} for app in {CONFIG}." in advice


@pytest.mark.parametrize("event", ["push", "no token"])
def test_no_label_is_named_where_it_has_no_effect(
    job: Job, tools: ArchiveTools, pull: PullRequest, event: str
) -> None:
    if event == "no token":
        job.token = ""
    else:
        job.check_out_again("topic")
        job.event = "push"
        job.payload = {
            "before": "0" * 40,
            "after": pull.head,
            "ref": "refs/heads/topic",
            "repository": {"default_branch": "main", "full_name": REPO},
        }
    done = job.run_here(tools.open)
    assert done.status == 1
    assert re.search(r"set <code>max-growth&#58; [\w.]+</code> in the inputs", done.summary)
    assert "label" not in done.summary
