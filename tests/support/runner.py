"""A job as GitHub's runner starts it: its folders, its variables, its event; outside or in a container."""

import io
import json
import os
import secrets
import subprocess
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.action.run import run_action
from bot.errors import ReviewError
from bot.wiring import ReviewToolsOpener
from tests.support.command import FinishedRun, start
from tests.support.engine import PrivateEngine
from tests.support.github import GitHubStandIn
from tests.support.preloaded import RunningProgram, start_program
from tests.support.repository import Repository

ROOT = Path(__file__).parents[2]
REPO = "octo/app"


@dataclass(frozen=True)
class FinishedJob:
    """A finished job: its status, log and outputs."""

    status: int
    log: str
    summary: str
    outputs: dict[str, str]


@dataclass
class Job:
    """One job on one event; `inputs` are those of the step's `with:`, `more` is its `env:`."""

    folder: Path
    event: str
    payload: Mapping[str, Any]
    sha: str
    github: GitHubStandIn
    token: str
    inputs: dict[str, str] = field(default_factory=dict)
    extra_variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    @property
    def runner_temp(self) -> Path:
        return self.folder / "temp"

    def check_out(self, origin: Repository, ref: str, path: str = ".") -> None:
        """Check out as actions/checkout does: one commit, detached."""
        clone = Repository(self.workspace / path)
        clone.git("remote", "add", "origin", f"file://{origin.path}")
        self.check_out_again(ref, path)

    def check_out_again(self, ref: str, path: str = ".") -> None:
        """Check out another commit of the same origin, as a job on another event does."""
        clone = Repository(self.workspace / path)
        clone.git("fetch", "--quiet", "--no-tags", "--depth=1", "origin", ref)
        clone.git("checkout", "--quiet", "--detach", "FETCH_HEAD")

    def variables(self, workspace: str, files: str) -> dict[str, str]:
        inputs = {"github-token": self.token, **self.inputs}
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": self.event,
            "GITHUB_EVENT_PATH": f"{files}/event.json",
            "GITHUB_SHA": self.sha,
            "GITHUB_RUN_ID": "1234",
            "GITHUB_ACTION": "__image-size-review_image-size-review",
            "GITHUB_REPOSITORY": REPO,
            "GITHUB_API_URL": self.github.url,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REF_NAME": "7/merge",
            "GITHUB_HEAD_REF": "topic",
            "GITHUB_WORKSPACE": workspace,
            "GITHUB_OUTPUT": f"{files}/output",
            "GITHUB_STEP_SUMMARY": f"{files}/summary",
            **{f"INPUT_{name.upper()}": value for name, value in inputs.items()},
            **self.extra_variables,
        }

    def run(self, engine: PrivateEngine | None = None) -> FinishedJob:
        """Run the program on this machine; without an engine it can build nothing."""
        docker = engine.environment if engine else {"DOCKER_HOST": "unix:///nowhere"}
        return self.start(docker).wait()

    def start(self, docker: Mapping[str, str]) -> "StartedJob":
        """Start the program on this machine; `docker` are the variables that name an engine."""
        files = self._files()
        usual = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        environment = {**usual, **docker, **self.variables(str(self.workspace), str(files))}
        process = start_program(["action"], environment, self._start_folder, one_stream=True)
        return StartedJob(process, self._read_result)

    def run_here(self, open_tools: ReviewToolsOpener) -> FinishedJob:
        """Run the action in this process, with other tools than those of an engine."""
        files = self._files()
        environment = {**os.environ, **self.variables(str(self.workspace), str(files))}
        log = io.StringIO()
        with redirect_stdout(log):
            try:
                status = run_action(environment, open_tools)
            except ReviewError:
                status = 2
            except KeyboardInterrupt:
                status = 130
            except Exception:  # noqa: BLE001 - as the program's own last handler
                status = 3
        return self._read_result(status, log.getvalue())

    def run_command(self, *arguments: object) -> FinishedRun:
        """Run a command of the program, in this job's environment and without an engine."""
        files = self._files()
        variables = self.variables(str(self.workspace), str(files))
        environment = {k: v for k, v in variables.items() if not k.startswith("INPUT_")}
        return start(*arguments, environment={**environment, "GITHUB_TOKEN": self.token})

    def run_container(self, engine: PrivateEngine, image: str) -> FinishedJob:
        """Run the action's image, with the folders and the socket that the runner mounts."""
        files = self._files()
        for name in ("home", "temp"):
            (self.folder / name).mkdir(exist_ok=True)
        mounts = {
            self.workspace: "/github/workspace",
            self.folder / "home": "/github/home",
            self.folder / "temp": "/github/runner_temp",
            files: "/github/file_commands",
            engine.socket: "/var/run/docker.sock",
        }
        variables = self.variables("/github/workspace", "/github/file_commands")
        variables |= {"HOME": "/github/home", "RUNNER_TEMP": "/github/runner_temp"}
        command = [str(engine.paths.client / "bin/docker"), "run", "--rm", "--network", "host"]
        command += ["--workdir", "/github/workspace"]
        command += [word for at, to in mounts.items() for word in ("--volume", f"{at}:{to}")]
        command += [word for name in variables for word in ("--env", name)]
        return self._run_process(
            [*command, image],
            {**os.environ, **engine.environment, **variables, "HOME": str(self.folder)},
        )

    def run_on_host(self, engine: Mapping[str, str], image: str, *, user: int = 0) -> FinishedJob:
        """Run the form that runs on the host, as a step of a composite action runs its script.

        `engine` are the variables of the runner that lead to an engine.
        """
        files = self._files()
        self.runner_temp.mkdir(exist_ok=True)
        variables = self.variables(str(self.workspace), str(files))
        inputs = {k: v for k, v in variables.items() if k.startswith("INPUT_")}
        values = {k.removeprefix("INPUT_").lower(): v for k, v in inputs.items()}
        environment = {k: v for k, v in variables.items() if k not in inputs}
        environment |= {"INPUT_JSON": json.dumps(values), "ACTION_IMAGE": f"docker://{image}"}
        environment |= {"HOME": str(self.folder), "RUNNER_TEMP": str(self.runner_temp)}
        if user:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, user, user, follow_symlinks=False)
        identity = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        command = [*(identity if user else ()), str(ROOT / "host/run")]
        return self._run_process(command, {**os.environ, **environment, **engine})

    def _files(self) -> Path:
        files = self.folder / f"files-{secrets.token_hex(4)}"
        files.mkdir(parents=True)
        (files / "event.json").write_text(json.dumps(self.payload), "utf-8")
        for name in ("output", "summary"):
            (files / name).touch()
        self._current = files
        return files

    def _run_process(self, command: list[str], environment: Mapping[str, str]) -> FinishedJob:
        return self._start_process(command, environment).wait()

    @property
    def _start_folder(self) -> Path:
        return self.workspace if self.workspace.exists() else self.folder

    def _start_process(self, command: list[str], environment: Mapping[str, str]) -> "StartedJob":
        process = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=self._start_folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,  # in one stream, in the order in which the runner gets it
            text=True,
        )
        return StartedJob(process, self._read_result)

    def _read_result(self, status: int, log: str) -> FinishedJob:
        return FinishedJob(
            status,
            log,
            (self._current / "summary").read_text("utf-8"),
            read_outputs((self._current / "output").read_text("utf-8")),
        )


@dataclass(frozen=True)
class StartedJob:
    """A job that runs; `wait` returns it once it has ended."""

    process: subprocess.Popen[str] | RunningProgram
    read_result: Callable[[int, str], FinishedJob]

    def wait(self) -> FinishedJob:
        """Wait for the end; a trace in the log is a defect of the program."""
        log, _ = self.process.communicate()
        assert "Traceback" not in log, log
        return self.read_result(self.process.returncode, log)


def read_report(job: Job, done: FinishedJob) -> dict[str, Any]:
    """Return the report that a job has saved."""
    assert "report" in done.outputs, done.log
    report: dict[str, Any] = json.loads((job.workspace / done.outputs["report"]).read_text("utf-8"))
    return report


def read_images(job: Job, done: FinishedJob) -> dict[str, Any]:
    """Return the images of the report that a job has saved, by name."""
    return {image["name"]: image for image in read_report(job, done)["images"]}


def read_outputs(text: str) -> dict[str, str]:
    """Read GITHUB_OUTPUT as the runner does: `name<<delimiter`, lines, the delimiter."""
    lines = iter(text.split("\n"))
    outputs = {}
    for line in lines:
        if line:
            name, _, delimiter = line.partition("<<")
            value = iter(lambda: next(lines), delimiter)
            outputs[name] = "\n".join(value)
    return outputs


@dataclass(frozen=True)
class PullRequest:
    """A pull request on a real repository: its base, its head, and the merge of both."""

    origin: Repository
    base: str
    head: str
    merge: str

    @property
    def payload(self) -> dict[str, Any]:
        return {
            "action": "opened",
            "number": 7,
            "pull_request": {
                "number": 7,
                "updated_at": "2026-01-02T03:04:05Z",
                "head": {"sha": self.head, "ref": "topic"},
                "base": {"ref": "main", "sha": "0" * 40},
                "user": {"login": "alice"},
            },
            "repository": {"full_name": REPO, "default_branch": "main"},
        }


def pull_request(
    folder: Path, before: Mapping[str, str | None], after: Mapping[str, str | None]
) -> PullRequest:
    """Make a pull request; its base branch moves on afterwards, as it usually does."""
    origin = Repository(folder)
    origin.commit(dict(before))
    origin.branch("topic")
    head = origin.commit(dict(after))
    origin.git("checkout", "--quiet", "main")
    base = origin.commit({"moved-on": "1"})
    origin.branch("merge")
    merge = origin.merge("topic")
    origin.git("update-ref", "refs/pull/7/merge", merge)
    origin.git("checkout", "--quiet", "main")
    origin.git("config", "uploadpack.allowAnySHA1InWant", "true")
    return PullRequest(origin, base, head, merge)
