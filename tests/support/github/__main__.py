"""The stand-in as a process, for clients in containers. It ends, and dumps, on SIGTERM."""

import argparse
import json
import signal
import sys
from pathlib import Path

from tests.support.github.loading import dump, fill
from tests.support.github.stand_in import GitHubStandIn

_SIGNALS = {signal.SIGTERM, signal.SIGINT}


def _arguments(command_line: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.support.github", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at")
    parser.add_argument("--port", type=int, default=0, help="0 is any free one")
    parser.add_argument("--state", type=Path, help="a JSON file: see README.md")
    parser.add_argument("--port-file", type=Path, help="where to write the port, once it is open")
    parser.add_argument("--dump", type=Path, help="where to write what became of it, at the end")
    return parser.parse_args(command_line)


def main(command_line: list[str] | None = None) -> int:
    """Serve until a signal arrives."""
    options = _arguments(command_line)
    # Before anything else: a signal that comes early must not be lost. Threads inherit the mask.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    with GitHubStandIn(host=options.host, port=options.port) as stand_in:
        if options.state:
            fill(stand_in, json.loads(options.state.read_text(encoding="utf-8")))
        if options.port_file:
            options.port_file.write_text(str(stand_in.port), encoding="utf-8")
        sys.stdout.write(f"{stand_in.url}\n")
        sys.stdout.flush()
        signal.sigwait(_SIGNALS)
    if options.dump:
        options.dump.write_text(json.dumps(dump(stand_in), indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
