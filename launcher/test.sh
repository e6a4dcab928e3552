#!/bin/sh
# npm test: the set-up of ./mission, a build that includes the tests, then the tests. Arguments go to test/run.ts.
set -eu
MISSION_ROOT=$(CDPATH='' cd -P "$(dirname "$0")/.." && pwd -P)
export MISSION_ROOT
. "$MISSION_ROOT/launcher/setup.sh"
work_begin
setup_with_tests
work_finish
cd "$MISSION_ROOT"
exec node dist/test/run.js "$@"
