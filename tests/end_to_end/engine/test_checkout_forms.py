"""The forms of a checkout, read by the action's image as the runner starts it.

The container is root, and the workspace belongs to another user, as on every runner.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.action_image import build_action_image
from tests.support.engine import PrivateEngine
from tests.support.git_server import GitServer, open_git_server
from tests.support.github import GitHubStandIn
from tests.support.lfs_clone import install_lfs, keep_object, make_pointer
from tests.support.repository import Repository
from tests.support.runner import REPO, FinishedJob, Job, PullRequest
from tests.support.runner_user import (
    give_to_runner,
    list_owners,
    open_reachable_folder,
    run_as_owner,
)

GROWTH = 5_000
SMALL, LARGE = "x" * 1_000, "x" * (1_000 + GROWTH)
CREDENTIALS = "git-credentials-0123.config"


@dataclass
class Site:
    """A pull request on a private git server, and the workspace of its job."""

    engine: PrivateEngine
    image: str
    server: GitServer
    origin: Repository
    job: Job

    @property
    def header(self) -> str:
        return f"http.{self.server.url}/.extraheader"

    @property
    def workspace(self) -> Path:
        return self.job.workspace

    def make_pull_request(self, base: str, head: str) -> None:
        """Make the pull request of two commits, and push its merge commit."""
        git = self.origin.git
        merge = git("commit-tree", f"{head}^{{tree}}", "-p", base, "-p", head, "-m", "merge")
        git("update-ref", "refs/heads/merge", merge)
        self.server.publish(self.origin, REPO)
        pull = PullRequest(self.origin, base, head, merge)
        self.job.payload, self.job.sha = pull.payload, merge

    def check_out(self, path: str = ".", *options: str) -> Repository:
        """Check out the merge commit alone, as actions/checkout does without keeping the token."""
        clone = Repository(self.workspace / path)
        clone.git("remote", "add", "origin", f"{self.server.url}/{REPO}.git")
        token = ("-c", f"{self.header}={self.server.header}")
        fetch = ("fetch", "--quiet", "--no-tags", "--depth=1", *options)
        clone.git(*token, *fetch, "origin", self.job.sha)
        clone.git(*token, "checkout", "--quiet", "--detach", self.job.sha)
        return clone

    def review(self, path: str = ".", *, is_readable: bool = True) -> FinishedJob:
        """Run the action, which must find the growth and leave the workspace to its owner."""
        before = list_owners(self.workspace)
        done = self.job.run_container(self.engine, self.image)
        assert (done.status, done.outputs.get("delta")) == (1, str(GROWTH)), done.log
        after = list_owners(self.workspace)
        assert {name: owner for name, owner in after.items() if name in before} == before
        assert {after[name] for name in after.keys() - before.keys()} == {after["."]}
        assert [name for name in after.keys() - before.keys() if ".git/" in name] == []
        if is_readable:
            self.go_on(self.workspace / path)
        return done

    def go_on(self, clone: Path) -> None:
        """Do as the owner of the clone what the next job does: look, fetch, check out, clean."""
        git = ("git", "-c", "safe.directory=*", "-c", f"{self.header}={self.server.header}")
        assert run_as_owner(clone, *git, "status", "--porcelain") == ""
        address = f"{self.server.url}/{REPO}.git"
        run_as_owner(clone, *git, "fetch", "--quiet", "--depth=1", address, "main")
        run_as_owner(clone, *git, "checkout", "--quiet", "--force", "--detach", "FETCH_HEAD")
        run_as_owner(clone, *git, "clean", "-ffdx")
        run_as_owner(clone, "find", ".", "-mindepth", "1", "-delete")


@pytest.fixture(scope="module")
def image(overlay2_engine: PrivateEngine) -> str:
    return build_action_image(overlay2_engine)


@pytest.fixture
def site(overlay2_engine: PrivateEngine, image: str, github: GitHubStandIn) -> Iterator[Site]:
    """Make the site of a pull request whose image grows."""
    token = github.token("github-actions[bot]", issues="write", pull_requests="write")
    github.add_repository(REPO)
    with open_reachable_folder() as folder, open_git_server(folder / "server", token) as server:
        job = Job(folder / "job", "pull_request", {}, "", github, token)
        job.inputs["max-growth"] = "1kB"
        job.extra_variables = {"GITHUB_SERVER_URL": server.url}
        origin = Repository(folder / "origin")
        new_site = Site(overlay2_engine, image, server, origin, job)
        base = origin.commit({"Dockerfile": "FROM scratch\nCOPY app /\n", "app": SMALL})
        new_site.make_pull_request(base, origin.commit({"app": LARGE}))
        github.open_pull_request(REPO, 7, job.payload["pull_request"]["head"]["sha"], base, "alice")
        yield new_site


def give_all(site: Site) -> None:
    give_to_runner(site.workspace, *site.workspace.rglob("*"))


def keep_nothing(site: Site) -> None:
    """With `persist-credentials: false`: the input `github-token` is all there is."""
    site.check_out()
    give_all(site)


def keep_token(site: Site) -> None:
    """Keep the token in the clone's own configuration, as checkout v4 and v5 do."""
    site.check_out().git("config", site.header, site.server.header)
    give_all(site)
    site.job.token = ""


def keep_token_in_a_file(site: Site) -> None:
    """Keep the token in the runner's folder for temporary files, as checkout does since v6."""
    write_token_file(site, str(site.workspace), str(site.job.folder / "temp"))
    give_all(site)


def write_token_file(site: Site, workspace: str, runner_temp: str) -> None:
    """Check out, and include a file with the token, by its paths outside and in a container."""
    clone = site.check_out()
    file = site.job.folder / "temp" / CREDENTIALS
    file.parent.mkdir()
    for folder, files in {
        workspace: runner_temp,
        "/github/workspace": "/github/runner_temp",
    }.items():
        clone.git("config", f"includeIf.gitdir:{folder}/.git.path", f"{files}/{CREDENTIALS}")
    clone.git("config", "--file", str(file), site.header, site.server.header)
    site.job.token = ""


def use_ssh_key(site: Site) -> None:
    clone = site.check_out()
    host = site.server.url.removeprefix("http://").partition(":")[0]
    clone.git("remote", "set-url", "origin", f"git@{host}:{REPO}.git")
    clone.git("config", "core.sshCommand", '"/usr/bin/ssh" -i "$RUNNER_TEMP/0123"')
    give_all(site)


def use_ssh_address(site: Site) -> None:
    clone = site.check_out()
    host = site.server.url.removeprefix("http://").partition(":")[0]
    clone.git("remote", "set-url", "origin", f"ssh://runner@{host}:122/{REPO}.git")
    give_all(site)


def fetch_less(site: Site) -> None:
    """With `filter: blob:none` and `sparse-checkout: docs`, and no token kept."""
    Repository(site.workspace).git("sparse-checkout", "set", "--no-cone", "docs")
    clone = site.check_out(".", "--filter=blob:none")
    assert not (site.workspace / "app").exists()
    assert clone.git("config", "remote.origin.partialclonefilter") == "blob:none"
    give_all(site)


def use_job_container(site: Site) -> None:
    """In a job with `container:` git runs as that container's root, and knows the workspace as /__w/…."""
    write_token_file(site, "/__w/app/app", "/__w/_temp")
    give_to_runner(site.workspace)


FORMS = (
    keep_nothing,
    keep_token,
    keep_token_in_a_file,
    use_ssh_key,
    use_ssh_address,
    fetch_less,
    use_job_container,
)


# Each has a shorter one beside it.
LONG_FORMS = (keep_token, keep_token_in_a_file, use_ssh_key, use_ssh_address)


@pytest.mark.parametrize(
    "prepare",
    [pytest.param(form, marks=pytest.mark.long if form in LONG_FORMS else ()) for form in FORMS],
)
def test_a_form_of_checkout(site: Site, prepare: Callable[[Site], None]) -> None:
    prepare(site)
    site.review()
    assert site.server.refused == []


def test_a_checkout_in_a_folder(site: Site) -> None:
    site.check_out("src/app")
    give_all(site)
    site.job.inputs["path"] = "src/app"
    done = site.review("src/app")
    assert "::error file=Dockerfile,line=2" in done.log
    assert done.outputs["report"].startswith("image-size-review/")


def test_a_repository_with_reftables(site: Site) -> None:
    """The git of the image reads them; that of this machine need not."""
    site.check_out()
    shutil.rmtree(site.workspace / ".git/logs")  # which git cannot migrate
    mount = f"{site.workspace}:/repository"
    git = ("--entrypoint", "git", site.image, "-C", "/repository", "-c", "safe.directory=*")
    migrate = ("refs", "migrate", "--ref-format=reftable")
    site.engine.docker("run", "--rm", "--volume", mount, *git, *migrate)
    assert (site.workspace / ".git/reftable").is_dir()
    give_all(site)
    site.review(is_readable=False)


def test_private_submodules(site: Site) -> None:
    """The checkout has the submodule at head's commit alone: base's is fetched with the token."""
    part = Repository(site.origin.path.parent / "part")
    commits = [part.commit({"inside": text}) for text in (SMALL, LARGE)]
    url = site.server.publish(part, "octo/part")
    modules = f'[submodule "part"]\n\tpath = part\n\turl = {url}\n'
    files = {"Dockerfile": "FROM scratch\nCOPY part /\n", ".gitmodules": modules}
    site.origin.write({**files})
    site.origin.git("add", "--all")
    revisions = []
    for commit in commits:
        site.origin.git("update-index", "--add", "--cacheinfo", f"160000,{commit},part")
        site.origin.git("commit", "--quiet", "-m", "move")
        revisions.append(site.origin.git("rev-parse", "HEAD"))
    site.make_pull_request(*revisions)
    clone = site.check_out()
    token = ("-c", f"{site.header}={site.server.header}")
    clone.git(*token, "submodule", "--quiet", "update", "--init", "--depth=1")
    give_all(site)
    site.review()
    assert site.server.refused == []


def test_git_lfs_files(site: Site) -> None:
    """The checkout has head's contents, and the server has base's; there is no git-lfs."""
    contents = [text.encode() for text in (SMALL, LARGE)]
    site.origin.write(
        {".gitattributes": "*.bin filter=lfs -text\n", "Dockerfile": "FROM scratch\nCOPY *.bin /\n"}
    )
    site.make_pull_request(*(site.origin.commit({"a.bin": make_pointer(x)}) for x in contents))
    clone = site.check_out()
    install_lfs(clone)
    keep_object(clone, contents[1])
    site.server.lfs_objects = {hashlib.sha256(contents[0]).hexdigest(): contents[0]}
    give_all(site)
    site.review(is_readable=False)
    assert site.server.batches == [[hashlib.sha256(contents[0]).hexdigest()]]
