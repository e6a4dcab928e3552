# Gets an engine when engine.sh found none: the official download, else a build with Go. Sourced by it.

download_failed=$engine_cache/official-failed

# Sets `engine_bin` to a complete engine, or fails.
engine_get() {
  lock_take "$engine_cache/setup.lock" "getting the Pulumi engine"
  # Another launcher may just have got it.
  if ! engine_find; then
    if engine_download || engine_build; then :; fi
    engine_find || fail 3 "no Pulumi engine was found after getting one: ./mission doctor says what is missing"
  fi
  lock_release
}

engine_work() {
  _label=$1; _log=$2; shift 2
  work "$_label" "$_log" --beat "$engine_cache/setup.lock/owner" "$@"
}

# A failed download is not tried again for a day: where only package registries are in reach it would fail each time.
download_failed_lately() {
  [ -r "$download_failed" ] && read -r _when <"$download_failed" &&
    [ "$(($(date +%s) - ${_when:-0}))" -lt 86400 ]
}

engine_download() {
  [ "${MISSION_ENGINE:-}" != go ] || return 1
  if [ -z "${MISSION_ENGINE:-}" ] && download_failed_lately; then
    say "the official download failed less than a day ago and is left out (MISSION_ENGINE=official tries it again)"
    return 1
  fi
  _download_log=$engine_cache/log/download.log
  # The package itself waits without a limit for an address that does not answer.
  if engine_work "looking for the official download at $official_home" "$_download_log" --limit 10 --tail 0 -- \
      node "$launcher/reach.mjs" "$official_home/install.sh" &&
    engine_work "downloading Pulumi v$official_version" "$_download_log" --cwd "$engine_cache" --limit 900 --tail 5 -- \
      npm exec --yes "--package=pulumi@$official_version" -- pulumi version &&
    engine_is_complete "$(engine_official_bin)"
  then
    rm -f "$download_failed"
    return 0
  fi
  [ "$work_result" -ne 130 ] || exit 130
  date +%s >"$download_failed"
  [ "${MISSION_ENGINE:-}" != official ] ||
    fail 3 "the official download failed (see '$_download_log'): unset MISSION_ENGINE to build the engine with Go instead"
  say "the official download is out of reach: building the engine with Go instead"
  return 1
}

# Builds into a folder that gets its name only when it is complete.
engine_build() {
  command -v go >/dev/null 2>&1 || fail 3 "no Pulumi engine: install it (https://www.pulumi.com/docs/install), open the way to $official_home, or install Go (https://go.dev/dl) so that it is built from engine/; then run this again"
  _target=$(engine_folder)
  work_folder=$_target.new
  rm -rf "$work_folder"
  mkdir -p "$work_folder/bin"
  engine_compile language-nodejs sdk/v3 sdk/v3/nodejs/cmd/pulumi-language-nodejs "building Pulumi's Node language host with Go"
  engine_compile cli pkg/v3 pkg/v3/cmd/pulumi "building Pulumi's engine with Go (some minutes, once)"
  # Scripts by which the engine starts policy packs and dynamic providers; they are part of the SDK's module.
  _sdk=$(cd "$MISSION_ROOT/engine/cli" && GOWORK=off go list -mod=readonly -m -f '{{.Dir}}' github.com/pulumi/pulumi/sdk/v3)
  for _script in pulumi-analyzer-policy pulumi-resource-pulumi-nodejs; do
    cp "$_sdk/nodejs/dist/$_script" "$work_folder/bin/$_script"
    chmod 755 "$work_folder/bin/$_script"
  done
  PULUMI_SKIP_UPDATE_CHECK=true "$work_folder/bin/pulumi" version >"$work_folder/version" ||
    fail 3 "the engine built from engine/ does not run on this machine"
  rm -rf "$_target"
  mv "$work_folder" "$_target"
  work_folder=
}

# engine_compile MODULE-FOLDER SUBMODULE PACKAGE LABEL: for this machine and from these modules only, whatever the user's own
# Go set-up says.
engine_compile() {
  engine_work "$4" "$engine_cache/log/${3##*/}.log" --cwd "$MISSION_ROOT/engine/$1" -- \
    env CGO_ENABLED=0 GOWORK=off GOOS= GOARCH= go build -mod=readonly -buildvcs=false -trimpath \
    -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$(pinned_version "$1" "$2")" \
    -o "$work_folder/bin/${3##*/}" "github.com/pulumi/pulumi/$3" ||
    setup_failed "the engine could not be built with Go: mend what it names (a module proxy out of reach is the usual cause) and run this again"
}
