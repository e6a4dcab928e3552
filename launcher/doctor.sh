#!/bin/sh
# ./mission doctor [--json]: what a mission needs from this machine, whether it is there, and the one command that mends what
# is not. Changes nothing. Exit codes: 0 all is there, 3 something is missing, 2 usage.
set -u
MISSION_ROOT=$(CDPATH='' cd -P "$(dirname "$0")/.." && pwd -P)
export MISSION_ROOT
. "$MISSION_ROOT/launcher/setup.sh"

json=
case $# in
  0) ;;
  *) if [ "$*" = --json ]; then json=yes; else fail 2 "doctor does not know '$*'; allowed: --json"; fi ;;
esac

missing=0; rows=

quoted() { printf '"%s"' "$(printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g')"; }

# row NAME FOUND [MEND]: with MEND the row is missing.
row() {
  _state=ok
  if [ $# -gt 2 ]; then _state=missing; missing=$((missing + 1)); fi
  if [ -n "$json" ]; then
    _row=$(printf '{"name":%s,"state":"%s","found":%s,"mend":%s}' "$(quoted "$1")" "$_state" "$(quoted "$2")" \
      "$(if [ $# -gt 2 ]; then quoted "$3"; else printf null; fi)")
    rows=${rows:+$rows,}$_row
  else
    printf '%-15s %-8s %s\n' "$1" "$_state" "$2"
    [ $# -lt 3 ] || printf '%-15s %-8s %s\n' '' mend: "$3"
  fi
}

# install_command PACKAGES ADDRESS: with the package manager of this machine, PACKAGES as `brew=... apt=... dnf=... apk=...`.
install_command() {
  _root=; [ "$(id -u)" -eq 0 ] || _root='sudo '
  for _choice in $1; do
    case $_choice in
      brew=*) command -v brew >/dev/null 2>&1 && { printf 'brew install %s\n' "${_choice#*=}"; return; } ;;
      apt=*) command -v apt-get >/dev/null 2>&1 && { printf '%sapt-get install -y %s\n' "$_root" "$(printf '%s' "${_choice#*=}" | tr , ' ')"; return; } ;;
      dnf=*) command -v dnf >/dev/null 2>&1 && { printf '%sdnf install -y %s\n' "$_root" "${_choice#*=}"; return; } ;;
      apk=*) command -v apk >/dev/null 2>&1 && { printf '%sapk add %s\n' "$_root" "$(printf '%s' "${_choice#*=}" | tr , ' ')"; return; } ;;
    esac
  done
  printf 'install it from %s\n' "$2"
}
install_node() { install_command 'brew=node apt=nodejs,npm dnf=nodejs apk=nodejs,npm' https://nodejs.org; }

PATH=$(path_without_packages)
export PATH
# Asking for a version must not write the answer down.
engine_memo=

machine_npm=$(command -v npm) || machine_npm=
if node_is_new; then
  row node "$(node --version), $(command -v node)"
elif [ -x "$own_node" ] && _own=$("$own_node" --version 2>/dev/null); then
  row node "$_own, from package-lock.json"
  PATH=$packages/node/bin:$PATH
elif command -v node >/dev/null 2>&1; then
  row node "$(node --version 2>&1), older than v$node_major; it can install a newer one for this checkout" "./mission setup"
else
  row node "no node on PATH" "$(install_node)"
fi

if [ -n "$machine_npm" ]; then row npm "$(npm --version 2>/dev/null), $machine_npm"
elif dependencies_match; then row npm "none on PATH; not needed, the dependencies are installed"
else row npm "no npm on PATH" "$(install_node)"
fi

if dependencies_match; then row dependencies "as in package-lock.json"
elif [ -e "$stamp" ]; then row dependencies "not those of package-lock.json" "./mission setup"
else row dependencies "not installed, or not to the end" "./mission setup"
fi

if [ ! -e "$MISSION_ROOT/dist/build.json" ]; then row build "not built" "./mission setup"
elif build_is_fresh; then row build "fresh"
else row build "built from other sources than these" "./mission setup"
fi

if engine_find; then
  row engine "$engine_version, $engine_from, $engine_bin"
  _host=$engine_bin/pulumi-language-nodejs
  [ -x "$_host" ] || _host=$(command -v pulumi-language-nodejs)
  case $engine_from in
    built*) row "language host" "$(pinned_version language-nodejs sdk/v3), $_host" ;;
    *) row "language host" "$_host" ;;
  esac
else
  row engine "${engine_refused:-none on PATH, none downloaded, none built}" "./mission setup"
  row "language host" "comes with the engine" "./mission setup"
fi

_go=$(command -v go) || _go=
if [ -n "$_go" ]; then row go "$("$_go" env GOVERSION 2>/dev/null), $_go"
elif [ -n "$engine_bin" ]; then row go "none on PATH; not needed, there is an engine"
else row go "none on PATH; needed where the official download is out of reach" "$(install_command 'brew=go apt=golang-go dnf=golang apk=go' https://go.dev/dl)"
fi

# From 3.230 on the language host does what the scripts did.
if [ -z "$engine_bin" ]; then row "policy scripts" "come with the engine" "./mission setup"
elif [ -x "$engine_bin/pulumi-analyzer-policy" ] || command -v pulumi-analyzer-policy >/dev/null 2>&1; then
  row "policy scripts" "beside the engine"
elif version_at_least "$engine_version" 3 230; then row "policy scripts" "not needed, the language host starts policy packs"
else row "policy scripts" "no pulumi-analyzer-policy beside the engine" "MISSION_ENGINE=go ./mission setup"
fi

# What a mission leaves: state, passphrase, artifacts. Where there is none yet, the folder that will hold it counts.
_home=${MISSION_HOME:-$state}
_owner=$_home
while [ ! -d "$_owner" ]; do _owner=$(dirname "$_owner"); done
if [ ! -w "$_owner" ] || [ ! -x "$_owner" ]; then row "state folder" "'$_owner' is not writable" "sudo chown -R $(id -u) '$_owner'"
elif [ "$_owner" = "$_home" ]; then row "state folder" "$_home"
else row "state folder" "'$_home' is made on first use"
fi

# A build of the engine fills Go's caches too.
if [ -n "$engine_bin" ]; then _need=1; else _need=5; fi
_place=$MISSION_ROOT
[ -n "$engine_bin" ] || [ ! -d "${HOME:-}" ] || _place=$HOME
_free=$(df -Pk "$_place" | awk 'NR == 2 { print int($4 / 1048576) }')
if [ "${_free:-0}" -ge "$_need" ]; then row "free disk" "$_free GB"
else row "free disk" "${_free:-0} GB at '$_place', $_need GB are needed" "free $_need GB at '$_place'"
fi

_postgres=
for _file in "$packages"/@embedded-postgres/*/native/bin/postgres; do [ ! -x "$_file" ] || _postgres=$_file; done
if [ -z "$_postgres" ]; then row postgres "comes with the dependencies" "./mission setup"
elif ! _said=$("$_postgres" --version 2>&1); then row postgres "does not run: $(printf '%s' "$_said" | head -n 1)" "npm rebuild"
elif [ "$(id -u)" -eq 0 ] && ! unshare --user --map-user=65534 --map-group=65534 true 2>/dev/null; then
  row postgres "refuses to run as root, and root cannot become another user here (unshare)" "run ./mission as a user other than root"
else row postgres "$_said"
fi

if [ -n "$json" ]; then
  if [ "$missing" -eq 0 ]; then _ok=true; else _ok=false; fi
  printf '{"ok":%s,"rows":[%s]}\n' "$_ok" "$rows"
fi
[ "$missing" -eq 0 ] || exit 3
