"""The trial runs that are compared or skipped, and their log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.dockerfile.build_context import BuildContext
from bot.line.proof_draft import ProofDraft, TimeBudget
from bot.line.setting_sources import SettingSources
from bot.line.trial import OldImageRuns
from bot.line.trial_comparison import TrialComparison
from bot.line.trial_runs import TrialRuns
from bot.model.candidate import Candidate
from bot.model.container_run import ContainerRun, PortResponse
from bot.model.spec import ImageSpec
from bot.model.start_settings import NO_SETTINGS, StartSettings
from bot.model.suggestion import StartResult
from tests.support.image_pair_world import SHELL, make_image, make_image_pair

DONE = ContainerRun(0, "done\n")
FAILED = ContainerRun(1, "no database\n")
SERVES = ContainerRun(None, ports=(80,), responses={80: PortResponse(200, "text/html", 5)})
INPUT = "<"  # marks a run with an open standard input; without one it is as any other run
Runs = Mapping[tuple[str, ...], ContainerRun]


@dataclass
class Runner:
    """A container runner that knows what each image does; any other command is not found."""

    old: Runs
    new: Runs
    log: list[str] = field(default_factory=list)
    paths: tuple[str, ...] = ()
    host_names: set[str] = field(default_factory=set)

    def run(
        self,
        reference: str,
        probe_image: str,
        arguments: Sequence[str] = (),
        timeout_s: float = 10,
        paths: Sequence[str] = (),
        *,
        opens_input: bool = False,
        settings: StartSettings = NO_SETTINGS,
    ) -> ContainerRun:
        self.paths = (*paths,)
        self.host_names |= set() if arguments else {settings.host_name}
        self.log.append(" ".join([reference, *arguments]))
        runs = self.old if reference == "old" else self.new
        words = (*arguments, INPUT) if opens_input else tuple(arguments)
        # Settings come behind the arguments: `PORT=80`, and `.env` for a file.
        words_of_settings = [f"{name}={value}" for name, value in settings.variables]
        words_of_settings += [f"+{service.name}" for service in settings.services]
        words = (*words, *words_of_settings, *([".env"] if settings.file_text is not None else []))
        return runs.get(words, runs.get(tuple(arguments), ContainerRun(127)))


def compare(
    runner: Runner,
    smoke_test: tuple[str, ...] = (),
    seconds: float = 600,
    source: str = "",
    programs: Sequence[str] = (),
    compose: str = "",
    **config: Any,
) -> ProofDraft:
    files = {"app/app.js": source}
    files.update((f"!{path}", "\x7fELF") for path in ("app/tool", *programs))
    image = make_image(SHELL, copy=files, **{"command": ("/app/tool",), **config})
    draft = ProofDraft(Candidate("rule", "", "", b""))
    budget = TimeBudget(lambda: 0.0, seconds)
    context = BuildContext(
        read_repository_text=lambda path: compose if path == "compose.yml" else ""
    )
    sources = SettingSources(context, ImageSpec("a", "Dockerfile", "."))
    comparison = TrialComparison(OldImageRuns(runner, "old"), "new", budget, draft)
    TrialRuns(comparison, sources).compare_all(make_image_pair(image, image), smoke_test)
    return draft


def started(draft: ProofDraft) -> StartResult:
    return draft.make_proof().started


def test_equal_exit_statuses_are_the_same_start() -> None:
    draft = compare(Runner({(): DONE}, {(): DONE}))
    assert (started(draft), draft.skipped_steps) == (StartResult.SAME, [])
    assert "its own command: same, exit status 0" in draft.log


def test_a_server_is_compared_by_its_ports_and_runs_once() -> None:
    runner = Runner({(): SERVES}, {(): SERVES})
    draft = compare(runner, exposed_ports=("80/tcp",))
    assert draft.log == ["its own command: same, it runs; port 80 answers 200"]
    assert runner.log == ["old", "new"]


def test_a_difference_is_confirmed_by_a_second_run() -> None:
    runner = Runner({(): DONE}, {(): FAILED})
    draft = compare(runner)
    assert started(draft) is StartResult.DIFFERS
    assert "its own command: differs" in draft.log
    assert runner.log.count("old") == 2
    assert draft.regressions


@dataclass
class BusyRunner(Runner):
    """A runner on a busy machine: one image does something only if it is waited for."""

    slow: str = "old"

    def run(
        self,
        reference: str,
        probe_image: str,
        arguments: Sequence[str] = (),
        timeout_s: float = 10,
        *others: Any,
        **options: Any,
    ) -> ContainerRun:
        run = super().run(reference, probe_image, arguments, timeout_s, *others, **options)
        is_too_early = reference == self.slow and timeout_s < 60
        return ContainerRun(None, "starting\n") if is_too_early else run


def test_an_old_image_that_listens_later_than_the_new_one_is_waited_for() -> None:
    runner = BusyRunner({(): SERVES}, {(): SERVES})
    draft = compare(runner)
    assert draft.log == ["its own command: same, it runs; port 80 answers 200"]
    assert runner.log == ["old", "new", "old"]
    other = replace(SERVES, responses={80: PortResponse(404, "text/html", 5)})
    assert started(compare(BusyRunner({(): SERVES}, {(): other}))) is StartResult.DIFFERS
    assert started(compare(Runner({(): WAITS}, {(): SERVES}))) is StartResult.DIFFERS


def test_an_old_image_that_ends_later_than_the_new_one_is_waited_for() -> None:
    draft = compare(BusyRunner({(): DONE}, {(): DONE}))
    assert "its own command: same, exit status 0" in draft.log
    draft = compare(BusyRunner({(): FAILED}, {(): FAILED}))
    assert draft.skipped_steps == ["its own command"]
    assert started(draft) is StartResult.NOT_RUN


def test_a_new_image_that_ends_later_than_the_old_one_is_waited_for() -> None:
    runner = BusyRunner({(): DONE}, {(): DONE}, slow="new")
    draft = compare(runner)
    assert "its own command: same, exit status 0" in draft.log
    assert runner.log.count("new") == 2
    assert started(compare(Runner({(): DONE}, {(): WAITS}))) is StartResult.DIFFERS
    assert started(compare(Runner({(): DONE}, {(): SERVES}))) is StartResult.DIFFERS


def test_a_start_that_fails_in_the_old_image_is_inconclusive() -> None:
    draft = compare(Runner({(): FAILED}, {(): FAILED}))
    assert (started(draft), draft.skipped_steps) == (StartResult.NOT_RUN, ["start"])
    assert draft.log[-2] == "no database"
    assert draft.log[-1].endswith('--smoke-test "COMMAND"')


def test_a_command_that_expects_an_argument_gets_an_example() -> None:
    usage = ContainerRun(1, "Please specify 'server' or 'client'\n")
    draft = compare(Runner({(): usage}, {(): usage}), entrypoint=("./entrypoint.sh",), command=())
    assert draft.skipped_steps == ["start"]
    assert draft.log[-1].endswith('--smoke-test "./entrypoint.sh server"')


WAITS = ContainerRun(None, "Your name: ")


def test_a_program_that_fails_without_input_is_started_with_an_open_one() -> None:
    runs = {(): FAILED, (INPUT,): WAITS}
    draft = compare(Runner(runs, runs))
    assert (started(draft), draft.skipped_steps) == (StartResult.SAME, [])
    assert draft.log == ["its own command with an open standard input: same, it runs"]
    differs = compare(Runner(runs, {(): FAILED, (INPUT,): FAILED}))
    assert started(differs) is StartResult.DIFFERS


def test_an_open_input_proves_nothing_of_a_server_or_of_a_slow_start() -> None:
    runs = {(): FAILED, (INPUT,): WAITS}
    server = compare(Runner(runs, runs), exposed_ports=("80/tcp",))
    assert server.skipped_steps == ["start"]
    slow: Runs = {(): replace(FAILED, seconds=11.0), (INPUT,): WAITS}
    assert compare(Runner(slow, slow)).skipped_steps == ["start"]


def test_a_smoke_test_verifies_an_image_that_does_not_start_without_arguments() -> None:
    smoke = ("tool", "check")
    runner = Runner({(): FAILED, smoke: DONE}, {(): FAILED, smoke: DONE})
    draft = compare(runner, smoke)
    assert (started(draft), draft.skipped_steps) == (StartResult.SAME, [])
    assert draft.log[-1] == "smoke test: same, exit status 0"


def test_a_smoke_test_that_fails_in_the_old_image_verifies_nothing() -> None:
    smoke = ("tool", "check")
    draft = compare(Runner({(): DONE, smoke: FAILED}, {(): DONE, smoke: FAILED}), smoke)
    assert draft.skipped_steps == ["smoke test"]
    assert draft.log[-1] == "smoke test: not run, the old image ends with status 1"


def test_a_tool_that_requires_arguments_is_started_with_help() -> None:
    usage = ContainerRun(2, "usage: tool COMMAND\n")
    runs = {(): usage, ("/app/tool", "--help"): ContainerRun(0, "help\n")}
    draft = compare(Runner(runs, runs))
    assert started(draft) is StartResult.SAME
    assert draft.log == [
        "`--help`: same, exit status 0",
        "its own command without arguments: same, exit status 2",
    ]


def test_without_a_command_nothing_is_started() -> None:
    draft = compare(Runner({}, {}), command=())
    assert draft.log == ["start: not run, the image has no command"]


def test_after_the_deadline_nothing_is_started() -> None:
    runner = Runner({(): DONE}, {(): DONE})
    draft = compare(runner, seconds=20)
    assert runner.log == []
    assert draft.log == ["start: not run, the time limit was reached"]


SILENT = ContainerRun(None, ports=(80,), responses={80: PortResponse(None)})
EXPRESS = "const app = require('express')()\napp.get('/items', list)\n"


def test_a_server_of_http_that_answers_nothing_is_inconclusive() -> None:
    draft = compare(Runner({(): SILENT}, {(): SILENT}), source=EXPRESS, exposed_ports=("80/tcp",))
    assert (started(draft), draft.skipped_steps) == (StartResult.NOT_RUN, ["start"])
    assert "port 80 accepts connections and answers no request" in draft.log[1]


def test_a_server_of_another_protocol_may_be_silent() -> None:
    draft = compare(Runner({(): SILENT}, {(): SILENT}), exposed_ports=("80/tcp",))
    assert started(draft) is StartResult.SAME


def test_a_server_without_a_port_is_not_compared_by_the_one_that_the_system_draws() -> None:
    drawn = ContainerRun(None, ports=(40123,), responses={40123: PortResponse(200)})
    draft = compare(Runner({(): drawn}, {(): drawn}), source="app.listen(process.env.GATE)")
    assert started(draft) is StartResult.NOT_RUN
    assert "it listens on 40123, which the system draws: it was given no port" in draft.log[1]


def test_a_game_for_a_terminal_listens_nowhere_although_it_exposes_a_port() -> None:
    game = ContainerRun(None, "Roll: \n")
    draft = compare(
        Runner({(): game}, {(): game}),
        source="readline.question('Roll: ')",
        exposed_ports=("80/tcp",),
    )
    assert started(draft) is StartResult.SAME
    draft = compare(Runner({(): game}, {(): game}), source=EXPRESS, exposed_ports=("80/tcp",))
    assert started(draft) is StartResult.NOT_RUN


def test_both_images_are_called_by_the_name_that_the_sources_allow() -> None:
    served = ContainerRun(None, ports=(80,), responses={80: PortResponse(200)})
    failing = ContainerRun(1, "no PORT")
    runner = Runner({(): failing}, {(): failing})
    source = "ALLOWED_HOSTS = ['shop.example.com']\nos.environ['PORT']"
    compare(runner, source=source)
    assert runner.host_names == {"shop.example.com"}
    runner = Runner({(): served}, {(): served})
    compare(runner, source="app.get('/items', list)")
    assert runner.host_names == {"localhost"}


def test_a_route_that_answers_is_conclusive_where_the_root_does_not() -> None:
    items = {(80, "/items"): PortResponse(200, "application/json", 2, body="[]")}
    runs: Runs = {(): replace(SILENT, route_responses=items)}
    runner = Runner(runs, runs)
    draft = compare(runner, source=EXPRESS, exposed_ports=("80/tcp",))
    assert started(draft) is StartResult.SAME
    assert draft.log == ["its own command: same, it runs; port 80 answers no HTTP; /items 200"]
    assert runner.paths == ("/items",)


def test_what_differs_in_one_run_of_the_new_image_alone_is_noise() -> None:
    class Varying(Runner):
        """A runner of a new image that prints a line once."""

        def run(self, reference: str, *arguments: Any, **options: Any) -> ContainerRun:
            run = super().run(reference, *arguments, **options)
            is_first = self.log.count("new") == 1
            return replace(run, output="once\n") if reference == "new" and is_first else run

    runner = Varying({(): DONE}, {(): DONE})
    draft = compare(runner)
    own = [line for line in runner.log if line in ("old", "new")]
    assert (started(draft), own) == (StartResult.SAME, ["old", "new", "old", "new"])


def test_subcommands_are_asked_for_help() -> None:
    usage = ContainerRun(2, "usage: tool COMMAND\n")
    listing = ContainerRun(0, "Commands:\n  serve   Start it\n  check   Check it\n\nOptions:\n")
    runs = {(): usage, ("/app/tool", "--help"): listing}
    old = {**runs, ("/app/tool", "check", "--help"): ContainerRun(0, "checks\n")}
    draft = compare(Runner(old, {**runs, ("/app/tool", "check", "--help"): FAILED}))
    assert draft.log[:2] == ["`--help`: same, exit status 0", "`check --help`: differs"]
    assert started(draft) is StartResult.DIFFERS


def test_what_fails_in_the_old_image_is_not_compared() -> None:
    draft = compare(Runner({(): DONE}, {(): DONE}), programs=["usr/bin/php"])
    assert "PHP's extensions: not compared, because it fails in the old image" in draft.log
    assert (started(draft), draft.regressions) == (StartResult.SAME, [])


PORT = ("PORT=8080",)
READS_PORT = "process.env.PORT"


def test_an_image_that_needs_a_setting_is_started_with_it_on_both_sides() -> None:
    runs = {(): FAILED, PORT: SERVES}
    draft = compare(Runner(runs, runs), source=READS_PORT)
    assert (started(draft), draft.skipped_steps) == (StartResult.SAME, [])
    assert draft.log == [
        "settings of both images: PORT=8080, which /app/app.js reads",
        "its own command with settings: same, it runs; port 80 answers 200",
    ]


def test_a_difference_with_settings_is_a_difference() -> None:
    kinds: Sequence[Runs] = ({(): FAILED, PORT: FAILED}, {(): SERVES, PORT: FAILED})
    for broken in kinds:
        draft = compare(Runner({(): FAILED, PORT: SERVES}, broken), source=READS_PORT)
        assert started(draft) is StartResult.DIFFERS
        assert draft.regressions


def test_an_image_that_starts_alone_gets_no_settings() -> None:
    runner = Runner({(): SERVES, PORT: FAILED}, {(): SERVES, PORT: FAILED})
    draft = compare(runner, source=READS_PORT)
    assert draft.log == ["its own command: same, it runs; port 80 answers 200"]


def test_settings_that_do_not_help_verify_nothing() -> None:
    runs = {(): FAILED, PORT: FAILED}
    draft = compare(Runner(runs, runs), source=READS_PORT)
    assert (started(draft), draft.skipped_steps) == (StartResult.NOT_RUN, ["start"])
    assert "with PORT=8080, which /app/app.js reads: exit status 1" in draft.log


def test_a_silent_life_with_settings_verifies_nothing() -> None:
    """A client of a database may wait for it without a word."""
    runs: Runs = {(): FAILED, PORT: ContainerRun(None)}
    draft = compare(Runner(runs, runs), source=READS_PORT)
    assert draft.skipped_steps == ["start"]
    assert "it listens on no port and prints nothing" in draft.log[0]
    says: Runs = {(): FAILED, PORT: ContainerRun(None, "ready\n")}
    assert compare(Runner(says, says), source=READS_PORT).skipped_steps == []
    server = f"require('express'); {READS_PORT}"
    assert compare(Runner(says, says), source=server).skipped_steps == ["start"]


def test_a_server_that_lives_on_and_listens_nowhere_verifies_nothing() -> None:
    """Django's reloader waits for another source after the server has failed."""
    runs: Runs = {(): ContainerRun(None, "ImproperlyConfigured: no psycopg2\n")}
    draft = compare(Runner(runs, runs), source="from django.core import management")
    assert (started(draft), draft.skipped_steps) == (StartResult.NOT_RUN, ["start"])
    assert draft.log[0] == "its own command as far as it works: same, it runs"
    assert "it listens on no port" in draft.log[1]
    assert compare(Runner(runs, runs), source="print('a worker')").skipped_steps == []


def test_a_missing_setting_is_named() -> None:
    runs: Runs = {(): ContainerRun(1, "KeyError: 'DB_HOST'\n")}
    draft = compare(Runner(runs, runs))
    assert draft.log[1] == (
        "start: not run, the old image does not run by itself here (exit status 1: it needs the"
        " variable DB_HOST, which its project gives no value for)"
    )
    assert draft.log[-1].startswith("give it a value in .env.example, or name a command")


def test_a_missing_file_is_named() -> None:
    runs: Runs = {(): ContainerRun(2, "panic: open config.json: no such file or directory\n")}
    draft = compare(Runner(runs, runs))
    assert "exit status 2: it needs the file config.json, which is not in the image" in draft.log[1]


NO_DATABASE = ContainerRun(1, "connect ECONNREFUSED 127.0.0.1:5432\n")


def test_a_service_that_is_not_here_is_named_and_verifies_nothing() -> None:
    runs = {(): FAILED, PORT: NO_DATABASE}
    draft = compare(Runner(runs, runs), source=READS_PORT)
    assert (started(draft), draft.skipped_steps) == (StartResult.NOT_RUN, ["start"])
    assert draft.log[:2] == [
        "its own command until it needs PostgreSQL at 127.0.0.1:5432: same, exit status 1",
        "start: not run, the old image does not run by itself here (exit status 1: it needs"
        " PostgreSQL at 127.0.0.1:5432, which a verification without a network does not have)",
    ]
    assert draft.log[-1].endswith('--smoke-test "COMMAND"')


def test_a_difference_before_the_service_is_a_difference() -> None:
    broken = ContainerRun(1, "libpq.so.5: cannot open shared object file\n")
    draft = compare(Runner({(): NO_DATABASE}, {(): broken}))
    assert started(draft) is StartResult.DIFFERS
    assert draft.regressions


def test_what_a_program_does_until_it_ends_is_compared() -> None:
    draft = compare(Runner({(): FAILED}, {(): FAILED}))
    assert draft.log[0] == "its own command until it ends: same, exit status 1"
    assert (started(draft), draft.skipped_steps) == (StartResult.NOT_RUN, ["start"])
    assert draft.make_proof().fails_alike
    broken = ContainerRun(1, "config.yml: no such file or directory\n")
    draft = compare(Runner({(): FAILED}, {(): broken}))
    assert started(draft) is StartResult.DIFFERS
    assert not draft.make_proof().fails_alike


def test_a_program_that_only_waits_for_a_service_is_inconclusive() -> None:
    waits = ContainerRun(None, "Error -2 connecting to redis:6379. Retrying.\n")
    draft = compare(Runner({(): waits}, {(): waits}))
    assert draft.skipped_steps == ["start"]
    assert "it listens nowhere and waits for Redis at redis:6379" in draft.log[1]


COMPOSE = "services: {app: {build: ., depends_on: [db]}, db: {image: 'postgres:15'}}"
WITH_DB = ("+db",)
UNREADY = ContainerRun(None, service_error="the service db: its image postgres:15 cannot be had")


def test_an_image_that_needs_a_service_is_started_with_it_on_both_sides() -> None:
    runs: Runs = {(): NO_DATABASE, WITH_DB: SERVES}
    draft = compare(Runner(runs, runs), compose=COMPOSE)
    assert (started(draft), draft.skipped_steps) == (StartResult.SAME, [])
    assert draft.log == [
        "services of both images: db (postgres:15), from compose.yml",
        "its own command with services: same, it runs; port 80 answers 200",
    ]


def test_a_difference_with_services_is_a_difference() -> None:
    draft = compare(
        Runner({(): NO_DATABASE, WITH_DB: SERVES}, {(): NO_DATABASE, WITH_DB: FAILED}),
        compose=COMPOSE,
    )
    assert started(draft) is StartResult.DIFFERS
    assert draft.regressions


def test_an_image_that_starts_alone_gets_no_services() -> None:
    draft = compare(Runner({(): SERVES}, {(): SERVES}), compose=COMPOSE)
    assert draft.log == ["its own command: same, it runs; port 80 answers 200"]


def test_a_service_that_cannot_be_started_verifies_nothing() -> None:
    runs: Runs = {(): NO_DATABASE, WITH_DB: UNREADY}
    draft = compare(Runner(runs, runs), compose=COMPOSE)
    assert (started(draft), draft.skipped_steps) == (StartResult.NOT_RUN, ["start"])
    assert "it needs PostgreSQL at 127.0.0.1:5432" in draft.log[1]
    assert draft.log[-2] == (
        "with the services db (postgres:15), from compose.yml: the service db: its image"
        " postgres:15 cannot be had"
    )


def test_where_a_service_cannot_be_had_the_database_of_the_sources_may_do() -> None:
    runs: Runs = {(): NO_DATABASE, WITH_DB: UNREADY, ("DB_HOST=localhost", "+postgresql"): SERVES}
    source = 'require("pg"); process.env.DB_HOST'
    draft = compare(Runner(runs, runs), compose=COMPOSE, source=source)
    assert (started(draft), draft.skipped_steps) == (StartResult.SAME, [])
    assert "services of both images: postgresql (postgres:17)" in draft.log


def test_a_service_that_fails_beside_the_new_image_refuses_and_verifies_nothing() -> None:
    runner = Runner({(): NO_DATABASE, WITH_DB: SERVES}, {(): NO_DATABASE, WITH_DB: UNREADY})
    draft = compare(runner, compose=COMPOSE)
    assert (started(draft), draft.regressions) == (StartResult.NOT_RUN, [])
    assert draft.skipped_steps == ["its own command with services"]


def test_a_repetition_that_fails_excuses_nothing() -> None:
    class Failing(Runner):
        """A runner whose services start once beside the old image."""

        def run(self, reference: str, *arguments: Any, **options: Any) -> ContainerRun:
            run = super().run(reference, *arguments, **options)
            if reference != "old" or not options["settings"].services:
                return run
            self.log.append("old with services")
            return UNREADY if self.log.count("old with services") > 1 else run

    old: Runs = {(): NO_DATABASE, WITH_DB: replace(SERVES, output="ready\n")}
    draft = compare(Failing(old, {(): NO_DATABASE, WITH_DB: SERVES}), compose=COMPOSE)
    assert started(draft) is StartResult.DIFFERS
    assert [x.message for x in draft.regressions] == [
        "its own command with services: it no longer says: ready."
    ]


def test_services_need_time_for_both_images() -> None:
    runs: Runs = {(): NO_DATABASE, WITH_DB: SERVES}
    draft = compare(Runner(runs, runs), compose=COMPOSE, seconds=100)
    assert "its own command with services" in draft.skipped_steps


def test_an_image_that_fails_with_services_says_what_it_needs_then() -> None:
    needs = ContainerRun(1, "KeyError: 'STRIPE_ACCOUNT'\n")
    runs: Runs = {(): NO_DATABASE, WITH_DB: needs}
    draft = compare(Runner(runs, runs), compose=COMPOSE)
    assert "exit status 1: it needs the variable STRIPE_ACCOUNT" in draft.log[1]
    assert draft.log[2:4] == [
        "KeyError: 'STRIPE_ACCOUNT'",
        "with the services db (postgres:15), from compose.yml: exit status 1",
    ]


WORKER = ("/app/tool", "work")
COMPOSE_OF_WORKERS = """\
services:
  web: {build: .}
  worker: {build: ., command: /app/tool work}
  db: {image: "postgres:15", command: postgres -c fsync=off}
"""


def test_what_a_compose_file_starts_must_do_the_same() -> None:
    old: Runs = {(): SERVES, WORKER: DONE}
    draft = compare(Runner(old, {(): SERVES, WORKER: FAILED}), compose=COMPOSE_OF_WORKERS)
    assert started(draft) is StartResult.DIFFERS
    assert draft.log[-1] == "command of compose.yml, service worker: differs"
    same = compare(Runner(old, old), compose=COMPOSE_OF_WORKERS)
    assert (started(same), same.regressions) == (StartResult.SAME, [])
    assert same.log[-1] == "command of compose.yml, service worker: same, exit status 0"


def test_what_a_compose_file_starts_is_compared_only_where_it_works() -> None:
    runs: Runs = {(): SERVES, WORKER: FAILED}
    draft = compare(Runner(runs, runs), compose=COMPOSE_OF_WORKERS)
    assert (started(draft), draft.skipped_steps) == (StartResult.SAME, [])
    assert draft.log[-1] == (
        "command of compose.yml, service worker: not compared, it does not work in the old image:"
        " exit status 1"
    )


def test_what_a_compose_file_starts_proves_no_start_of_the_image() -> None:
    runs: Runs = {(): FAILED, WORKER: DONE}
    draft = compare(Runner(runs, runs), compose=COMPOSE_OF_WORKERS)
    assert (started(draft), draft.skipped_steps) == (StartResult.NOT_RUN, ["start"])


def test_what_a_compose_file_starts_gets_the_settings_of_the_own_command() -> None:
    worker = (*WORKER, *WITH_DB)
    runs: Runs = {(): NO_DATABASE, WITH_DB: SERVES, WORKER: NO_DATABASE, worker: DONE}
    compose = COMPOSE.removesuffix("}") + ", worker: {build: ., command: [/app/tool, work]}}"
    draft = compare(Runner(runs, runs), compose=compose)
    assert draft.log[-1] == "command of compose.yml, service worker: same, exit status 0"


def test_a_worker_may_listen_nowhere_whatever_the_image_exposes() -> None:
    waits = ContainerRun(None, "waits for tasks\n")
    old: Runs = {(): SERVES, WORKER: waits}
    same = compare(Runner(old, old), compose=COMPOSE_OF_WORKERS, exposed_ports=("80/tcp",))
    assert same.log[-1] == "command of compose.yml, service worker: same, it runs"
    new: Runs = {(): SERVES, WORKER: DONE}
    draft = compare(Runner(old, new), compose=COMPOSE_OF_WORKERS, exposed_ports=("80/tcp",))
    assert started(draft) is StartResult.DIFFERS


def test_what_a_compose_file_starts_gets_its_own_variables_and_services() -> None:
    compose = """\
services:
  web: {build: .}
  worker: {build: ., command: /app/tool work, depends_on: [db], environment: {MODE: fast}}
  db: {image: "postgres:15"}
"""
    plain = (*WORKER, "MODE=fast")
    old: Runs = {(): SERVES, plain: NO_DATABASE, (*plain, *WITH_DB): DONE}
    assert started(compare(Runner(old, old), compose=compose)) is StartResult.SAME
    new: Runs = {(): SERVES, plain: NO_DATABASE, (*plain, *WITH_DB): FAILED}
    draft = compare(Runner(old, new), compose=compose)
    assert started(draft) is StartResult.DIFFERS
    assert draft.log[-1] == "command of compose.yml, service worker: differs"
