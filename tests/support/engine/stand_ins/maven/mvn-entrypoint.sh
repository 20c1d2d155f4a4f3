#!/bin/sh
# The real one copies reference files into the user's repository first; here there are none.
exec "$@"
