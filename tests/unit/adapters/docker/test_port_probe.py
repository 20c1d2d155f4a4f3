"""The kernel's tables of sockets and the responses to HTTP requests, as a probe reads them."""

import pytest

from bot.adapters.docker.port_probe import (
    make_request_script,
    parse_listening_ports,
    parse_response,
)
from bot.model.container_run import PortResponse


def test_listening_ports_are_read_from_the_tables_of_the_kernel() -> None:
    tables = (
        "  sl  local_address rem_address   st tx_queue\n"
        "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000\n"
        "   1: 0100007F:0050 00000000:0000 0A 00000000:00000000\n"
        "   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000\n"
        "   0: 00000000000000000000000000000000:0051 0000:0000 0A 0\n"
        "   0: 00000000000000000000000001000000:0052 0000:0000 0A 0\n"
    )
    assert parse_listening_ports(tables) == ((81, 8080), (80, 82))


@pytest.mark.parametrize("port", ["zz", "", "FFFFF", "-001", "0_1F", "F" * 10_000])
def test_lines_that_no_kernel_writes_name_no_port(port: str) -> None:
    line = f"0: 00000000:{port} 00000000:0000 0A 0"
    assert parse_listening_ports(f"local_address\n{line}\n") == ((), ())


@pytest.mark.parametrize("status", ["9" * 5000, "20", "-200", "٢٠٠", "ok"])
def test_a_status_that_is_not_three_digits_is_no_answer_in_http(status: str) -> None:
    response = f"HTTP/1.1 {status} OK\r\n\r\n".encode()
    assert parse_response(response) == PortResponse(None, body_bytes=len(response))


def test_responses() -> None:
    response = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>"
    html = PortResponse(200, "text/html; charset=utf-8", 3, body="<p>")
    assert parse_response(response) == html
    assert parse_response(b"-ERR unknown\r\n") == PortResponse(None, body_bytes=14)
    redirect = b"HTTP/1.1 301 Moved\r\nLocation: /about\r\n\r\n"
    assert parse_response(redirect) == PortResponse(301, location="/about")
    assert parse_response(b"") == PortResponse(None)


def test_the_request_script_has_balanced_quotes() -> None:
    assert make_request_script(80, "127.0.0.1").count("'") % 2 == 0
    assert "http://[::1]:80/" in make_request_script(80, "::1")
    assert "--http1.1 " in make_request_script(80, "::1", version="1.1")
    script = make_request_script(80, "::1", name="shop.example.com")
    assert r"Host: shop.example.com\r\n" in script
    assert 'curl -s -i -H "Host: shop.example.com"' in script
    script = make_request_script(80, "::1", "/api/v1/items.json")
    assert "http://[::1]:80/api/v1/items.json\n" in script
    assert script.count("GET /api/v1/items.json HTTP/1.0") > 5


@pytest.mark.parametrize("path", ["/a'b", "/$(id)", "/%s", "x", "/a b", '/"', "/\n", "/`id`", ""])
def test_a_path_that_a_shell_may_take_for_more_is_never_requested(path: str) -> None:
    with pytest.raises(ValueError, match="not a plain path"):
        make_request_script(80, "127.0.0.1", path)


@pytest.mark.parametrize("name", ["", "a b", "a\r\nX: y", "a'b", "$(id)"])
def test_a_name_that_a_shell_could_read_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a plain name"):
        make_request_script(80, "127.0.0.1", name=name)
