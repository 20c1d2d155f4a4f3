"""Two runs of the same, and what is different about them."""

from dataclasses import replace

from bot.model.container_config import Settings
from bot.model.container_run import Answer, Run
from bot.verify.command_line_probes import asks_for_use, questions
from bot.verify.run_differences import compare, normal, proves_nothing, says_the_same

WEB = Run(None, "listening\n", (80,), answers={80: Answer(200, "text/html", 10)}, health="healthy")


def words(old: Run, new: Run, again: Run | None = None) -> list[str]:
    return [x.message for x in compare("it", old, new, again)]


def test_the_same() -> None:
    assert words(WEB, WEB) == []
    assert says_the_same(Run(0, "a\nb\n"), Run(0, "b\na\n"))


def test_what_ends_otherwise() -> None:
    assert words(Run(0), Run(1))[0] == "it: it ends with status 1 where it ends with status 0."
    assert words(WEB, Run(1, "boom"))[0] == "it: it ends with status 1 where it lives on."
    assert "could not be started" in words(WEB, Run(None, problem="no such file"))[0]


def test_other_ports_answers_and_health() -> None:
    assert "listens on 81 where" in words(WEB, Run(None, "listening\n", (81,), health="healthy"))[0]
    lame = Run(
        None, "listening\n", (80,), answers={80: Answer(500, "text/html", 10)}, health="unhealthy"
    )
    first, second = words(WEB, lame)
    assert "answers 500 text/html where it answered 200 text/html" in first
    assert "health check says unhealthy" in second
    local = Run(None, "listening\n", loopback=(80,), health="healthy")
    assert "80 (loopback)" in words(WEB, local)[0]


def test_lengths_count_as_far_as_they_are_stable() -> None:
    other = Run(
        None, "listening\n", (80,), answers={80: Answer(200, "text/html", 11)}, health="healthy"
    )
    assert "11 bytes where it was 10" in words(WEB, other)[0]
    assert words(WEB, other, again=WEB) != []
    assert words(WEB, WEB, again=other) == []
    assert words(WEB, other, again=other) == []


def test_an_answer_that_varies_within_a_run_has_no_length() -> None:
    varying = replace(WEB, answers={80: Answer(200, "text/html", 10, varies=True)})
    other = replace(WEB, answers={80: Answer(200, "text/html", 11)})
    assert words(varying, other) == words(other, varying) == []
    assert words(varying, replace(WEB, answers={80: Answer(404, "text/html", 11)})) != []


def test_what_it_says_without_times_and_numbers_of_processes() -> None:
    one = "2026-11-25T00:01:02.123Z [12] started in 31 ms, pid 7, id 0123456789abcdef0123\n"
    two = "2026-11-26T10:41:09.456Z [99] started in 4.5 ms, pid 44, id fedcba98765432100000\n"
    assert normal(one) == normal(two)
    assert normal("error: x\n") != normal("ok\n")
    assert words(Run(0, "a\n"), Run(0, "")) == ["it: it no longer says: a."]
    assert words(Run(0, ""), Run(0, "b\n")) == ["it: it now says: b."]


def test_lines_that_always_differ_are_nobodys_fault() -> None:
    first, second, new = Run(0, "lucky 4\nhi\n"), Run(0, "lucky 9\nhi\n"), Run(0, "lucky 5\nhi\n")
    assert words(first, new) != []
    assert words(first, new, second) == []
    assert words(first, Run(0, "lucky 5\n"), second) == ["it: it no longer says: hi."]
    assert words(first, Run(0, "hi\nError: lost\n"), second) == ["it: it now says: Error: lost."]


def test_runs_that_prove_nothing() -> None:
    assert proves_nothing(WEB, exposes=True) == proves_nothing(Run(0), exposes=True) == ""
    assert proves_nothing(Run(None), exposes=False) == ""
    assert proves_nothing(Run(1), exposes=False) == "exit status 1"
    assert proves_nothing(Run(None, problem="no such file"), exposes=False) == "no such file"
    assert proves_nothing(Run(None), exposes=True) == "it listens on none of its ports"
    assert proves_nothing(Run(None, health="unhealthy"), exposes=False) == "its health check fails"
    lame = Run(None, ports=(80,), answers={80: Answer(503)})
    assert proves_nothing(lame, exposes=True) == "port 80 answers 503"


def test_questions_for_programs_and_scripts() -> None:
    asked = list(questions(Settings(entrypoint=("/app/tool",), command=("serve",))))
    assert asked[0] == ("/app/tool", "--help")
    assert next(questions(Settings(command=("python", "app.py", "x")))) == (
        "python",
        "app.py",
        "--help",
    )
    assert next(questions(Settings(command=("java", "-Xmx1g", "-jar", "a.jar", "x")))) == (
        *("java", "-Xmx1g", "-jar", "a.jar", "--help"),
    )
    assert list(questions(Settings(command=("/bin/sh", "-c", "x")))) == []
    assert asks_for_use("Usage: tool [options]")
    assert not asks_for_use("connection refused")


def test_the_number_of_a_process_is_noise_in_json_too() -> None:
    old, new = (Run(0, f'{{"level":30,"pid":{number},"msg":"up"}}\n') for number in (26, 27))
    assert words(old, new) == []
