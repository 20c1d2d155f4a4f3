"""Ports that the system draws for a server which is given none.

`app.listen(process.env.PORT)` without `PORT` listens on another port at each start.
"""

import re
from collections.abc import Iterator

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


def _list_texts(app: AppFiles) -> Iterator[str]:
    """Yield the texts in which a port may be named."""
    config = app.image.config
    yield from (*config.command_line, *config.env.values(), *config.exposed_ports)
    yield from app.program_sources.values()
    yield from app.setting_texts.values()
