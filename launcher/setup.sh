# Makes a fresh clone runnable, and costs next to nothing when it is: dependencies, Node, build, engine. Sourced with
# MISSION_ROOT set; `setup` leaves PATH so that `node` and `pulumi` are the ones to use. Shows what it does on stderr, and
# only when it has something to do. Exit codes: see fail in common.sh.

. "$MISSION_ROOT/launcher/common.sh"
. "$launcher/lock.sh"
. "$launcher/work.sh"
. "$launcher/engine.sh"

stamp=$packages/.mission-package-lock.json
own_node=$packages/node/bin/node
checkout_lock=$state/setup.lock

# node_is_new: the machine's own `node` is new enough for @pulumi/pulumi.
node_is_new() {
  _version=$(node --version 2>/dev/null) || return 1
  version_at_least "$_version" "$node_major" 0
}

dependencies_match() {
  cmp -s "$MISSION_ROOT/package-lock.json" "$stamp" && { node_is_new || [ -x "$own_node" ]; }
}

build_is_fresh() { node "$launcher/build.mjs" --check >/dev/null 2>&1; }

# checkout_take PURPOSE: one launcher at a time changes this checkout.
checkout_take() {
  # Passphrases will lie there.
  [ -d "$state" ] || mkdir -m 700 "$state" 2>/dev/null || :
  lock_take "$checkout_lock" "$1"
}

setup_dependencies() {
  PATH=$(path_without_packages)
  export PATH
  if ! dependencies_match; then
    for _tool in node npm; do
      command -v "$_tool" >/dev/null 2>&1 ||
        fail 3 "there is no '$_tool' on PATH: install Node.js $node_major or later, which brings npm (https://nodejs.org), and run this again"
    done
    checkout_take "installing the dependencies"
    # Another launcher may just have done it.
    dependencies_match || install_dependencies
    lock_release
  fi
  node_is_new || PATH=$packages/node/bin:$PATH
  # npm has replaced programs that this shell may have looked up.
  hash -r
  node_is_new ||
    fail 3 "'$own_node' does not run on this machine: install Node.js $node_major or later (https://nodejs.org) and run this again"
}

install_dependencies() {
  # In a production environment npm would leave out what the build needs. The build has its own step.
  work "installing the dependencies (npm ci)" "$state/log/npm-ci.log" --cwd "$MISSION_ROOT" --beat "$checkout_lock/owner" -- \
    env MISSION_SETUP=1 npm ci --include=dev --no-audit --no-fund ||
    setup_failed "npm ci failed: mend what it names (a registry out of reach is the usual cause) and run this again"
  cp "$MISSION_ROOT/package-lock.json" "$stamp"
}

setup_build() {
  if build_is_fresh; then return; fi
  checkout_take "building the program"
  # Another launcher may just have done it.
  build_is_fresh || build "building the program"
  lock_release
}

# Also what is no part of the program: tests and benchmarks, which do not make it stale.
build_all() {
  checkout_take "building the program and its tests"
  build "building the program and its tests"
  lock_release
}

build() {
  work "$1" "$state/log/build.log" --tail 200 --beat "$checkout_lock/owner" -- node "$launcher/build.mjs" || {
    [ "$work_result" -ne 4 ] || exit 4
    setup_failed "the program could not be built"
  }
}

# setup_failed SENTENCE: after work that failed, which has shown its output.
setup_failed() {
  [ "$work_result" -ne 130 ] || exit 130
  fail 3 "$1"
}

setup_program() {
  setup_dependencies
  setup_build
}

setup() {
  setup_program
  setup_engine
}

setup_with_tests() {
  setup_dependencies
  build_all
  setup_engine
}
