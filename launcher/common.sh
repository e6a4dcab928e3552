# Small tools of the launcher. Sourced with MISSION_ROOT (the checkout, absolute) set. POSIX sh has no local variables:
# what a function leaves behind is in its comment, everything else in its body begins with `_`.

launcher=$MISSION_ROOT/launcher
packages=$MISSION_ROOT/node_modules
state=$MISSION_ROOT/.mission

# The newest Node major that @pulumi/pulumi asks for at least.
node_major=22

say() { printf 'mission: %s\n' "$*" >&2 || :; }

# fail CODE SENTENCE: exit codes are 2 usage, 3 something is missing on this machine, 4 compile errors, 130 interrupted.
fail() { _code=$1; shift; say "$*"; exit "$_code"; }

# The per-user cache, shared by all checkouts.
cache_folder() {
  if [ -n "${MISSION_CACHE:-}" ]; then printf '%s\n' "$MISSION_CACHE"
  elif [ -n "${XDG_CACHE_HOME:-}" ]; then printf '%s\n' "$XDG_CACHE_HOME/mission-deploy"
  elif [ -n "${HOME:-}" ]; then printf '%s\n' "$HOME/.cache/mission-deploy"
  else printf '%s\n' "$state/cache"
  fi
}

# digest_of FILE...: one hash over the contents.
digest_of() {
  if command -v sha256sum >/dev/null 2>&1; then cat "$@" | sha256sum
  elif command -v shasum >/dev/null 2>&1; then cat "$@" | shasum -a 256
  else cat "$@" | cksum
  fi | cut -c1-16 | tr -d ' '
}

# version_at_least VERSION MAJOR MINOR: VERSION as programs print it (v3.220.0, 3.220.0-dev); false for anything else.
version_at_least() {
  _rest=${1#v}
  _major=${_rest%%.*}; _rest=${_rest#*.}; _minor=${_rest%%.*}
  case $_major$_minor in ''|*[!0-9]*) return 1 ;; esac
  [ "$_major" -gt "$2" ] || { [ "$_major" -eq "$2" ] && [ "$_minor" -ge "$3" ]; }
}

# PATH without this checkout's own packages (npm puts them there for scripts): while they are installed they are not there.
path_without_packages() {
  _kept=; _rest=$PATH:
  while [ -n "$_rest" ]; do
    _entry=${_rest%%:*}; _rest=${_rest#*:}
    case $_entry in "$packages"/*) ;; *) _kept=$_kept:$_entry ;; esac
  done
  printf '%s\n' "${_kept#:}"
}
