#!/bin/bash
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec java $JAVA_OPTS -jar server/build/libs/server-2.3-all.jar "${FERRY_CONF:-conf}" pages/build/dist/pages.zip
