#!/bin/sh
# As in the real Debian images: installing a package starts no service in a build.
exit 101
