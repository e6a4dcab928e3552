# Locks between launchers: a folder, made with mkdir, with a file `owner` inside: "pid, start time, machine, what for".
# A lock whose process is gone is taken over. `held_lock` is the one this process holds, or empty.

held_lock=

# process_start PID: something that identifies the process with this number; nothing when there is none.
process_start() {
  if [ -r /proc/self/stat ]; then
    # The name, field 2, may contain blanks; what follows its last parenthesis does not.
    _stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    # shellcheck disable=SC2086
    set -- ${_stat##*)}
    printf '%s\n' "${20}"
  else
    ps -o lstart= -p "$1" 2>/dev/null | sed 's/^ *//; s/ *$//' | tr -s ' ' '-' || :
  fi
}

# lock_is_dead LOCK: true when the process that made it is gone. Sets `lock_owner` to what the lock says.
lock_is_dead() {
  lock_owner=$(cat "$1/owner" 2>/dev/null) || lock_owner=
  if [ -z "$lock_owner" ]; then
    # Just being made, or its maker was killed between the two steps of making it.
    [ -n "$(find "$1" -prune -mmin +1 2>/dev/null)" ]
    return
  fi
  # shellcheck disable=SC2086
  set -- "$1" $lock_owner
  # Another machine or container that shares the folder: its processes cannot be seen, but it touches the file while it works.
  if [ "$4" != "$(uname -n)" ]; then [ -n "$(find "$1/owner" -mmin +5 2>/dev/null)" ]; return; fi
  [ "$(process_start "$2")" != "$3" ]
}

# lock_break LOCK OWNER: removes a dead lock; false when another process is at it. Only one process at a time may do so, and only if the lock is still the one found dead: otherwise
# two waiters could each remove the other's fresh lock.
lock_break() {
  if ! mkdir "$1.breaking" 2>/dev/null; then
    find "$1.breaking" -prune -mmin +1 -exec rmdir {} \; 2>/dev/null || :
    return 1
  fi
  if [ "$(cat "$1/owner" 2>/dev/null)" = "$2" ] && lock_is_dead "$1"; then
    # A launcher that was killed may have left its npm or Go at work in the same folders.
    if read -r _pid _start 2>/dev/null <"$1/work" && [ -n "$_start" ] && [ "$(process_start "$_pid")" = "$_start" ]; then
      kill -s KILL -- "-$_pid" 2>/dev/null || :
    fi
    lock_remove "$1"
  fi
  rmdir "$1.breaking"
}

# Removal in one step: a lock without its owner file would look as if it were just being made.
lock_remove() { mv "$1" "$1.gone-$$" 2>/dev/null && rm -rf "$1.gone-$$" || :; }

# lock_take LOCK PURPOSE: waits, in words, until this process holds LOCK.
lock_take() {
  mkdir -p "$(dirname "$1")" 2>/dev/null || :
  _told=; _failures=0
  while ! mkdir "$1" 2>/dev/null; do
    # No lock and yet no place for one: released this moment, or the folder cannot be written.
    if [ ! -d "$1" ]; then
      _failures=$((_failures + 1))
      [ "$_failures" -lt 5 ] || fail 3 "'$1' cannot be created: make its folder writable, with free space, or run as its owner"
      continue
    fi
    _failures=0
    if lock_is_dead "$1" && lock_break "$1" "$lock_owner"; then continue; fi
    if [ -z "$_told" ] && [ -n "$lock_owner" ]; then
      # shellcheck disable=SC2086
      set -- "$1" "$2" $lock_owner
      _pid=$3; _where=$5; _lock=$1; _purpose=$2; shift 5
      say "waiting for process $_pid on $_where, which is $*"
      set -- "$_lock" "$_purpose"
      _told=yes
    fi
    sleep 1 >/dev/null 2>&1 &
    wait $! || :
  done
  held_lock=$1
  printf '%s %s %s %s\n' "$$" "$(process_start $$)" "$(uname -n)" "$2" >"$1/owner.new"
  mv "$1/owner.new" "$1/owner"
}

lock_release() {
  if [ -n "$held_lock" ]; then lock_remove "$held_lock"; held_lock=; fi
}
