"""The work of all rules on long Dockerfiles, counted in function calls: it grows as their length."""

import sys

import pytest

from bot.advise.run_rules import apply_findings, build_suggestion, run_rules, select_safe_findings
from bot.advise.subject import RuleInput
from tests.support.rule_inputs import make_rule_input

FEW, FACTOR = 60, 4
LINES = (
    "RUN apt-get update && apt-get install -y gcc{0}\n",
    "RUN apt-get update\nRUN apt-get install -y gcc{0} && rm -rf /tmp/x{0}\n",
    "RUN apt-get update && ./setup{0}.sh\n",
    "RUN apk add gcc{0}\n",
    "RUN yum install -y gcc{0}\n",
    "RUN pip install pack{0}\n",
    "RUN npm ci --prefix app{0} && yarn add pack{0}\n",
    "RUN gem install pack{0} && bundle install\n",
    "RUN composer install --working-dir app{0}\n",
    "RUN conda install -y pack{0}\n",
    "RUN git clone https://example.org/{0} /src/{0} && make -C /src/{0}\n",
    'RUN ["pip", "install", "pack{0}"]\n',
    "COPY . /app{0}\nRUN make\n",
    "COPY a{0}.sh /app/a{0}.sh\nRUN chown app /app/a{0}.sh\n",
    "COPY a{0} /app/a{0}\nRUN chown -R app:app /app/a{0}\n",
    "COPY a{0}.sh /app/\nRUN chmod +x /app/*.sh\n",
    "RUN chmod -R 755 /app/a{0} && chown -R 1000 /app\nCOPY a{0} /app/\n",
    "ENV NAME{0}=1\nARG VALUE{0}=$NAME{0}\n",
)


def count_calls(line: str, lines: int) -> int:
    """Return how many functions the advice on a Dockerfile calls, those written in C included."""
    text = "FROM debian:12\n" + "".join(line.format(index) for index in range(lines))
    rule_input = make_rule_input(text + 'CMD ["app"]\n')
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        advise(rule_input)
    finally:
        sys.setprofile(None)
    return count


def advise(rule_input: RuleInput) -> None:
    advice = run_rules(rule_input)
    assert not advice.notes
    assert apply_findings(rule_input, select_safe_findings(advice))
    for finding in advice.findings:
        build_suggestion(rule_input, finding)


@pytest.mark.parametrize("line", LINES)
def test_the_work_grows_as_the_file(line: str) -> None:
    count_calls(line, 1)  # patterns are compiled once
    assert count_calls(line, FACTOR * FEW) < 1.25 * FACTOR * count_calls(line, FEW)
