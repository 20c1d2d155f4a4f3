"""Two runs of the same, and what is different about them."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from bot.model.container_config import ContainerConfig
from bot.model.container_run import ContainerRun, PortResponse
from bot.verify.command_line_probes import (
    advise_smoke_test,
    is_usage_message,
    list_help_commands,
    list_subcommands,
)
from bot.verify.run_differences import (
    compare_runs,
    inconclusive_reason,
    normalize_output,
)

WEB = ContainerRun(
    None,
    "listening\n",
    (80,),
    responses={80: PortResponse(200, "text/html", 10)},
    health_status="healthy",
)


def words(old: ContainerRun, new: ContainerRun, again: ContainerRun | None = None) -> list[str]:
    return [x.message for x in compare_runs("it", old, new, again)]


def test_equal_runs_have_no_difference() -> None:
    assert words(WEB, WEB) == []
    assert words(ContainerRun(0, "a\nb\n"), ContainerRun(0, "b\na\n")) == []


def test_another_exit_status() -> None:
    assert (
        words(ContainerRun(0), ContainerRun(1))[0]
        == "it: it ends with status 1 where it ends with status 0."
    )
    assert words(WEB, ContainerRun(1, "boom"))[0] == "it: it ends with status 1 where it lives on."
    assert "could not be started" in words(WEB, ContainerRun(None, start_error="no such file"))[0]


def test_other_ports_answers_and_health() -> None:
    assert (
        "listens on 81 where"
        in words(WEB, ContainerRun(None, "listening\n", (81,), health_status="healthy"))[0]
    )
    lame = ContainerRun(
        None,
        "listening\n",
        (80,),
        responses={80: PortResponse(500, "text/html", 10)},
        health_status="unhealthy",
    )
    first, second = words(WEB, lame)
    assert "answers 500 text/html where it answered 200 text/html" in first
    assert "health check says unhealthy" in second
    local = ContainerRun(None, "listening\n", loopback_ports=(80,), health_status="healthy")
    assert "80 (loopback)" in words(WEB, local)[0]


def test_lengths_count_as_far_as_they_are_stable() -> None:
    other = ContainerRun(
        None,
        "listening\n",
        (80,),
        responses={80: PortResponse(200, "text/html", 11)},
        health_status="healthy",
    )
    assert "11 bytes where it was 10" in words(WEB, other)[0]
    assert words(WEB, other, again=WEB) != []
    assert words(WEB, WEB, again=other) == []
    assert words(WEB, other, again=other) == []


def test_an_answer_that_varies_within_a_run_has_no_length() -> None:
    varying = replace(WEB, responses={80: PortResponse(200, "text/html", 10, varies=True)})
    other = replace(WEB, responses={80: PortResponse(200, "text/html", 11)})
    assert words(varying, other) == words(other, varying) == []
    assert words(varying, replace(WEB, responses={80: PortResponse(404, "text/html", 11)})) != []


def test_times_and_process_numbers_are_noise() -> None:
    first = "2026-11-25T00:01:02.123Z [12] started in 31 ms, pid 7, id 0123456789abcdef0123\n"
    two = "2026-11-26T10:41:09.456Z [99] started in 4.5 ms, pid 44, id fedcba98765432100000\n"
    assert normalize_output(first) == normalize_output(two)
    assert normalize_output("error: x\n") != normalize_output("ok\n")
    assert words(ContainerRun(0, "a\n"), ContainerRun(0, "")) == ["it: it no longer says: a."]
    assert words(ContainerRun(0, ""), ContainerRun(0, "b\n")) == ["it: it now says: b."]


def test_lines_that_differ_between_two_old_runs_are_noise() -> None:
    first, second, new = (
        ContainerRun(0, "lucky 4\nhi\n"),
        ContainerRun(0, "lucky 9\nhi\n"),
        ContainerRun(0, "lucky 5\nhi\n"),
    )
    assert words(first, new) != []
    assert words(first, new, second) == []
    assert words(first, ContainerRun(0, "lucky 5\n"), second) == ["it: it no longer says: hi."]
    assert words(first, ContainerRun(0, "hi\nError: lost\n"), second) == [
        "it: it now says: Error: lost."
    ]


def test_a_server_that_ends_in_order_proves_nothing() -> None:
    done = ContainerRun(0, "bye\n")
    reason = inconclusive_reason(done, exposes_ports=True, speaks_http=True)
    assert reason == "it ends, and has listened on none of its ports"
    assert inconclusive_reason(done, exposes_ports=True) == ""
    assert inconclusive_reason(done, exposes_ports=False, speaks_http=True) == ""
    refused = ContainerRun(0, "connect ECONNREFUSED 127.0.0.1:6379\n")
    reason = inconclusive_reason(refused, exposes_ports=False)
    assert reason == "it ends with status 0 because of Redis at 127.0.0.1:6379"


def test_inconclusive_runs() -> None:
    assert (
        inconclusive_reason(WEB, exposes_ports=True)
        == inconclusive_reason(ContainerRun(0), exposes_ports=True)
        == ""
    )
    assert inconclusive_reason(ContainerRun(None), exposes_ports=False) == ""
    assert inconclusive_reason(ContainerRun(1), exposes_ports=False) == "exit status 1"
    assert (
        inconclusive_reason(ContainerRun(None, start_error="no such file"), exposes_ports=False)
        == "no such file"
    )
    assert (
        inconclusive_reason(ContainerRun(None), exposes_ports=True)
        == "it listens on none of its ports"
    )
    assert (
        inconclusive_reason(ContainerRun(None, health_status="unhealthy"), exposes_ports=False)
        == "its health check fails"
    )
    lame = ContainerRun(None, ports=(80,), responses={80: PortResponse(503)})
    assert inconclusive_reason(lame, exposes_ports=True) == "port 80 answers 503"
    # A receiver of webhooks supports POST alone.
    receiver = ContainerRun(None, ports=(80,), responses={80: PortResponse(501, body_bytes=15)})
    assert inconclusive_reason(receiver, exposes_ports=True, speaks_http=True) == ""


def test_help_commands_of_programs_and_scripts() -> None:
    help_commands = list(
        list_help_commands(ContainerConfig(entrypoint=("/app/tool",), command=("serve",)))
    )
    assert help_commands[0] == ("/app/tool", "--help")
    assert next(list_help_commands(ContainerConfig(command=("python", "app.py", "x")))) == (
        "python",
        "app.py",
        "--help",
    )
    assert list(list_help_commands(ContainerConfig(command=("/bin/sh", "-c", "x")))) == []


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("java -Xmx1g -jar a.jar x", "java -Xmx1g -jar a.jar"),
        ("java Main x", "java Main"),
        ("java -cp a:b -Dx=y shop.Main x", "java -cp a:b -Dx=y shop.Main"),
        ("java -p mods -m shop/shop.Main x", "java -p mods -m shop/shop.Main"),
        ("java -version", ""),
    ],
)
def test_java_is_asked_for_the_help_of_what_it_starts(command: str, program: str) -> None:
    settings = ContainerConfig(command=tuple(command.split()))
    expected = (*program.split(), "--help") if program else None
    assert next(list_help_commands(settings), None) == expected


@pytest.mark.parametrize(
    "output",
    [
        "Usage: tool [options]",
        "Please specify 'server' or 'client'",
        "missing required argument",
        "error: a command is required; expected a command",
        "unknown command",
        "You must provide a mode",
    ],
)
def test_messages_of_programs_that_expect_arguments(output: str) -> None:
    assert is_usage_message(output)


@pytest.mark.parametrize("output", ["connection refused", "no database", "", "no such file"])
def test_messages_of_other_failures(output: str) -> None:
    assert not is_usage_message(output)


@pytest.mark.parametrize(
    ("output", "command"),
    [
        ("Please specify 'server' or 'client'", "./start.sh server"),
        ("usage: start.sh <server|client>", "./start.sh server"),
        ("usage: start.sh {run,check}", "./start.sh run"),
        ("missing argument", "./start.sh ARGUMENT"),
        ("connection refused", "COMMAND"),
    ],
)
def test_the_advice_on_a_smoke_test(output: str, command: str) -> None:
    advice = advise_smoke_test(ContainerConfig(entrypoint=("./start.sh",)), output)
    assert advice.endswith(f'--smoke-test "{command}"')


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Usage: x\n\nCommands:\n  serve    Serve it\n  check    Check\n", ("serve", "check")),
        ("Available Commands:\n  completion  Generate\n\nFlags:\n  quiet  x\n", ("completion",)),
        ("SUBCOMMANDS:\n    add, a   Add\n", ("add",)),
        ("The commands are:\n\n\tbuild   compile\n\ttest    test\n", ("build", "test")),
        ("Usage: x\n\nOptions:\n  --port  x\n", ()),
        ("  serve  x\n", ()),
    ],
)
def test_subcommands_of_a_help_text(text: str, names: tuple[str, ...]) -> None:
    assert list_subcommands(text) == names


def test_the_number_of_a_process_is_noise_in_json_too() -> None:
    old, new = (
        ContainerRun(0, f'{{"level":30,"pid":{number},"msg":"up"}}\n') for number in (26, 27)
    )
    assert words(old, new) == []


def test_ports_that_two_old_runs_draw_are_noise() -> None:
    def listen(*ports: int, loopback: tuple[int, ...] = ()) -> ContainerRun:
        responses = {port: PortResponse(None) for port in ports}
        return ContainerRun(None, ports=ports, loopback_ports=loopback, responses=responses)

    old, again = listen(4369, 43887), listen(4369, 38065)
    assert words(old, listen(4369, 51034), again) == []
    assert words(old, listen(4369, 51034)) != []
    assert words(old, listen(4369), again) != []
    assert words(old, listen(4369, 51034, 51035), again) != []
    assert words(old, listen(4369, loopback=(51034,)), again) != []
    # One that both old runs have is a port of the program's own.
    assert words(old, listen(4369, 51034), listen(4369, 43887)) != []


def test_the_identity_of_an_object_in_java_is_noise() -> None:
    old, new = (
        ContainerRun(0, f"Started ServerConnector@{identity}{{HTTP/1.1}}\n")
        for identity in ("51081592", "3f2049b6")
    )
    assert words(old, new) == []
    first, other = (ContainerRun(0, f"mail to a@{host}.org\n") for host in ("decade", "facade"))
    assert words(first, other) != []


def test_the_names_of_threads_in_java_are_noise() -> None:
    old, new = (
        ContainerRun(0, f"[qtp{number}-2{last}] INFO asked\n[http-nio-8080-exec-{last}] answered\n")
        for number, last in ((2032830216, 1), (1617791695, 7))
    )
    assert words(old, new) == []


def test_the_number_of_a_process_in_a_line_of_spring_boot_is_noise() -> None:
    # As process 1 with `exec`, and as another one below a shell.
    old, new = (
        ContainerRun(0, f"INFO {number} --- [    main] com.example.App : Started\n")
        for number in (7, 18)
    )
    assert words(old, new) == []


def serve(**fields: Any) -> ContainerRun:
    """Return the run of a server that answers `GET /items`."""
    response = replace(PortResponse(200, "text/plain"), **fields)
    return replace(WEB, route_responses={(80, "/items"): response})


def test_answers_to_other_paths_are_compared() -> None:
    first, other = serve(body="one", body_bytes=3), serve(body="two", body_bytes=3)
    assert words(first, first) == []
    assert words(first, other) == ["it: port 80 answers GET /items with another text: two."]
    assert words(first, other, again=other) == []
    assert words(first, other, again=first) != []
    assert "with 500 text/plain where it answered 200" in words(first, serve(status=500))[0]
    assert words(first, serve(status=500), again=serve(status=500)) == []
    assert words(first, WEB) == []


def test_times_and_ids_in_answers_are_noise() -> None:
    first = serve(body='{"now": "2026-11-26T10:00:00Z", "id": "0123456789abcdef"}')
    second = serve(body='{"now": "2026-11-26T10:00:09Z", "id": "fedcba9876543210"}')
    assert words(first, second) == []


@pytest.mark.parametrize(
    "text",
    [
        '{"page":"/","buildId":"%s","isFallback":false}',
        r'self.__next_f.push([1,"{\"buildId\":\"%s\",\"c\":[]}"])',
        r'self.__next_f.push([1,"0:{\"P\":null,\"b\":\"%s\",\"p\":\"\"}"])',
        '<script src="/_next/static/%s/_buildManifest.js" async=""></script>',
    ],
)
def test_the_build_id_of_next_is_noise(text: str) -> None:
    first, second = (
        normalize_output(text % build) for build in ("TmhrBJ7o7whFquFOliGnG", "a" * 20 + "-")
    )
    assert first == second
    assert normalize_output(text % "v1.2") != normalize_output(text % "v1.3")


def test_fields_of_access_logs_are_noise() -> None:
    log = '{{"time":"{}","remote_ip":"127.0.0.1","status":200,"error":"","latency":{},"id":1}}\n'
    old = ContainerRun(0, log.format("2026-11-26T10:00:00.1Z", 4900))
    assert words(old, ContainerRun(0, log.format("2026-11-26T10:00:01.2Z", 61200))) == []
    assert words(ContainerRun(0, "duration=0.31ms\n"), ContainerRun(0, "duration=12.0ms\n")) == []
    missed = ContainerRun(0, log.format("", 1).replace("200", "500"))
    assert words(old, missed) != []


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("open 172.18.0.3:41234->172.18.0.2:3306", "open 172.18.0.5:59876->172.18.0.4:3306", True),
        ("from [::1]:45678", "from [::1]:45680", True),
        ("from localhost:60999", "from localhost:32768", True),
        ("from 10.0.0.7", "from 192.168.3.20", True),
        ("listens on localhost:8080", "listens on localhost:8081", False),
        ("open 172.18.0.2:3306", "open 172.18.0.2:5432", False),
        ("resolved 8.8.8.8", "resolved 8.8.4.4", False),
    ],
)
def test_addresses_of_containers_and_ports_of_clients_are_noise(
    first: str, second: str, *, is_same: bool
) -> None:
    assert (words(ContainerRun(0, first), ContainerRun(0, second)) == []) is is_same


def test_a_line_that_says_that_there_is_no_error_is_no_error() -> None:
    runs = [ContainerRun(0, f'{{"try":"{x}","error":""}}\n') for x in ("one", "two", "three")]
    assert words(runs[0], runs[1], runs[2]) == []
    failing = ContainerRun(0, '{"try":"four","error":"lost"}\n')
    assert words(runs[0], failing, runs[2]) != []
    assert words(runs[0], ContainerRun(0, "Error: lost\n"), runs[2]) != []


def test_a_server_of_http_has_to_answer_something() -> None:
    silent = ContainerRun(None, ports=(80,), responses={80: PortResponse(None)})
    reason = inconclusive_reason(silent, exposes_ports=True, speaks_http=True)
    assert reason == "port 80 accepts connections and answers no request"
    assert inconclusive_reason(silent, exposes_ports=True) == ""
    for output in ("Traceback (most recent call last):", "java.io.IOException: gone", "panic: x"):
        failing = replace(silent, output=output)
        assert inconclusive_reason(failing, exposes_ports=True) == reason
    grpc = replace(silent, responses={80: PortResponse(None, body_bytes=9)})
    assert inconclusive_reason(grpc, exposes_ports=True, speaks_http=True) == ""
    routes = {(80, "/items"): PortResponse(200)}
    assert (
        inconclusive_reason(
            replace(silent, route_responses=routes), exposes_ports=True, speaks_http=True
        )
        == ""
    )


def test_of_another_program_only_errors_count() -> None:
    """A second offer starts nginx where a server of Node was."""
    old = ContainerRun(None, "> serve -s dist\nAccepting connections")
    new = ContainerRun(None, "start worker process 29")
    failing = ContainerRun(None, "open() failed")
    compare = partial(compare_runs, "it", is_other_program=True)
    assert list(compare(old, new)) == []
    assert [x.message for x in compare(old, failing)] == ["it: it now says: open() failed."]
    missing = [
        replace(old, route_responses={(80, "/x"): PortResponse(404, kind, len(kind))})
        for kind in ("", "text/html")
    ]
    assert list(compare(*missing)) == []
    pages = [
        replace(old, responses={80: PortResponse(200, kind, 9)})
        for kind in ("text/html", "text/html; charset=utf-8")
    ]
    assert list(compare(*pages)) == []
    assert [x.message for x in compare(old, ContainerRun(1))] == [
        "it: it ends with status 1 where it lives on."
    ]


def test_a_redirect_leads_to_the_same_page_whatever_its_body() -> None:
    def redirect(location: str, body: str = "") -> ContainerRun:
        answer = PortResponse(
            301, "text/html" * bool(body), len(body), body=body, location=location
        )
        return replace(WEB, responses={80: answer})

    assert words(redirect("/about"), redirect("/about", "Moved")) == []
    assert words(redirect("/about"), redirect("/other")) == [
        "it: port 80 answers 301 to /other where it answered 301 to /about."
    ]
    state = redirect("/login?state=2")
    assert words(redirect("/login?state=1"), redirect("/login?state=3"), state) == []


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        ("text/html; charset=UTF-8", "text/html;charset=utf-8", True),
        ("text/javascript", "application/javascript; charset=utf-8", True),
        ("text/html", "text/html; charset=utf-8", False),
        ("text/css", "text/plain", False),
    ],
)
def test_media_types_are_compared_without_their_spelling(
    before: str, after: str, *, is_same: bool
) -> None:
    runs = [replace(WEB, responses={80: PortResponse(200, kind, 9)}) for kind in (before, after)]
    assert (words(*runs) == []) is is_same


@pytest.mark.parametrize(
    "kind", ["text/plain; version=0.0.4; charset=utf-8", "application/openmetrics-text"]
)
def test_numbers_of_measurements_differ_and_their_names_do_not(kind: str) -> None:
    def measure(body: str) -> ContainerRun:
        return serve(content_type=kind, body_bytes=len(body), body=body)

    old = measure('# HELP busy_seconds x\nbusy_seconds 0.25\nqueue{name="a"} 1\n')
    new = measure('# HELP busy_seconds x\nbusy_seconds 1.5e-05\nqueue{name="a"} 12\n')
    assert words(old, new) == []
    lost = measure("busy_seconds 0.25\n")
    assert words(old, lost) == ["it: port 80 answers GET /items with no queue."]
    assert words(old, lost, again=lost) == []
    assert words(old, serve(content_type=kind, body_bytes=9_999, body="busy_seconds")) == []


def test_the_port_of_a_caller_in_python_is_no_difference() -> None:
    line = "Exception occurred during processing of request from ('127.0.0.1', {})\n"
    runs = [ContainerRun(None, line.format(port)) for port in (57980, 34742, 41000)]
    assert words(runs[0], runs[1], runs[2]) == []
