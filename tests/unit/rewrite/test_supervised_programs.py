"""The programs that supervisord starts."""

import pytest

from bot.rewrite.supervised_programs import list_supervised_commands
from tests.support.rewrite_world import make_facts

TEXT = "FROM debian:12\nWORKDIR /app\nCOPY . .\n"
PROGRAM = "[program:web]\\ncommand=nginx -g 'daemon off;' ; in the foreground"
INCLUDING = "[supervisord]\\nnodaemon=true\\n[include]\\nfiles = conf.d/*.conf"
WEB = "nginx -g 'daemon off;'"


def list_commands(files: str, *arguments: str) -> tuple[str, ...]:
    return list_supervised_commands(make_facts(TEXT, files).built, ("supervisord", *arguments))


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("etc/supervisor/supervisord.conf", ()),
        ("etc/supervisord.conf", ("-n",)),
        ("app/supervisord.conf", ()),
        ("srv/web.ini", ("-n", "-c", "/srv/web.ini")),
        ("app/docker/web.ini", ("--configuration=docker/web.ini",)),
    ],
)
def test_the_configuration_is_where_the_command_or_the_manual_says(
    path: str, arguments: tuple[str, ...]
) -> None:
    assert list_commands(f"{path} 1kB @3 = {PROGRAM}", *arguments) == (WEB,)


def test_included_files_are_read() -> None:
    files = f"""
        etc/supervisor/supervisord.conf 1kB @3 = {INCLUDING}
        etc/supervisor/conf.d/a.conf 1kB @3 = [program:fpm]\\ncommand = php-fpm -F\\nautorestart=true
        etc/supervisor/conf.d/b.conf 1kB @3 = {PROGRAM}
        etc/supervisor/conf.d/old/c.conf 1kB @3 = [program:old]\\ncommand=old
    """
    assert list_commands(files) == ("php-fpm -F", WEB)


def test_a_program_without_a_command_and_another_section_are_none() -> None:
    text = "[program:web]\\nautostart=true\\n[eventlistener:x]\\ncommand=listen"
    assert list_commands(f"etc/supervisord.conf 1kB @3 = {text}") == ()


def test_what_cannot_be_read_starts_nothing_that_is_known() -> None:
    assert list_commands("etc/supervisord.conf 1kB @3 = command without a section") == ()
    assert list_commands("") == ()
    assert list_commands("", "-c") == ()
