"""Ports that the system draws for a server which is given none.

`app.listen(process.env.PORT)` without `PORT` listens on another port at each start.
"""

import re
from collections.abc import Container, Iterator
from dataclasses import replace

from bot.model.container_run import ContainerRun
from bot.verify.app_files import AppFiles

# Linux draws from these: net.ipv4.ip_local_port_range
_DRAWN = range(32768, 61000)


def find_drawn_port(run: ContainerRun, app: AppFiles) -> int | None:
    """Return a port of a run that neither the image nor the application names; None without one.

    A server that listens on another one, too, has a port of its own.
    """
    if not run.ports or any(port not in _DRAWN for port in run.ports):
        return None
    names = "\n".join(_list_texts(app))
    drawn = [port for port in run.ports if not re.search(rf"(?<!\d){port}(?!\d)", names)]
    return drawn[0] if len(drawn) == len(run.ports) else None


def drop_drawn_ports(run: ContainerRun, stable_ports: Container[int]) -> ContainerRun:
    """Return a run without the numbers of ports that another run of the same image draws anew.

    Each is a port 0, without responses: as many are compared. Erlang's nodes listen on one for
    other nodes.
    """

    def is_drawn(port: int) -> bool:
        return port in _DRAWN and port not in stable_ports

    return replace(
        run,
        ports=tuple(sorted(0 if is_drawn(port) else port for port in run.ports)),
        loopback_ports=tuple(sorted(0 if is_drawn(port) else port for port in run.loopback_ports)),
        responses={
            port: response for port, response in run.responses.items() if not is_drawn(port)
        },
        route_responses={
            route: response
            for route, response in run.route_responses.items()
            if not is_drawn(route[0])
        },
    )


def _list_texts(app: AppFiles) -> Iterator[str]:
    """Yield the texts in which a port may be named."""
    config = app.image.config
    yield from (*config.command_line, *config.env.values(), *config.exposed_ports)
    yield from app.program_sources.values()
    yield from app.setting_texts.values()
