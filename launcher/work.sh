# Slow work of the set-up: shown while it runs, ended as a whole on Ctrl+C, nothing half-done left behind.

work_child=; work_folder=

# work LABEL LOG [OPTION...] -- COMMAND...: see step.cjs. Returns the command's exit code. Not from a subshell, which has no
# traps; in the background, because a shell answers a signal only after the program in the foreground has ended.
work() {
  node "$launcher/step.cjs" "$@" </dev/null &
  work_child=$!
  work_result=0
  wait "$work_child" || work_result=$?
  work_child=
  return "$work_result"
}

work_end() {
  # The step ends its whole process group, so that it has to be waited for.
  if [ -n "$work_child" ]; then kill "$work_child" 2>/dev/null || :; wait "$work_child" 2>/dev/null || :; work_child=; fi
  if [ -n "$work_folder" ]; then rm -rf "$work_folder"; work_folder=; fi
  lock_release
}

# Each signal leaves by the EXIT trap, once.
work_begin() {
  trap work_end EXIT
  trap 'trap "" INT TERM HUP; exit 130' INT TERM HUP
}

# Before `exec`: the traps are the set-up's, not the program's.
work_finish() { trap - INT TERM HUP EXIT; }
