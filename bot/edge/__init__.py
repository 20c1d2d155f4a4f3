"""The outside: the only place that starts programs, talks to engines and to GitHub, and reads the
environment."""
