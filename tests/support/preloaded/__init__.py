"""The program in processes that need not import it: forks of one that has."""

from tests.support.preloaded.program import RunningProgram, needs_interpreter, start_program

__all__ = ["RunningProgram", "needs_interpreter", "start_program"]
