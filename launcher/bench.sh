#!/bin/sh
# npm run bench [-- NAME...]: the named benchmarks of bench/, or all of them, one after the other.
set -eu
MISSION_ROOT=$(CDPATH='' cd -P "$(dirname "$0")/.." && pwd -P)
export MISSION_ROOT
. "$MISSION_ROOT/launcher/setup.sh"

known=
for file in "$MISSION_ROOT"/bench/*.ts; do
  [ -e "$file" ] || continue
  name=$(basename "$file" .ts)
  known="$known $name"
done
for name in "$@"; do
  case " $known " in
    *" $name "*) ;;
    *) fail 2 "there is no benchmark '$name'; there are:${known:- none}" ;;
  esac
done

work_begin
setup_with_tests
work_finish
cd "$MISSION_ROOT"
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $known
failed=0
for name in "$@"; do
  node "dist/bench/$name.js" || failed=1
done
exit "$failed"
