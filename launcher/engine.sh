# Finds Pulumi's engine, or gets it. The order: `pulumi` on PATH; the engine this launcher built earlier, in the per-user
# cache; the official download, as npm's `pulumi` package performs it; a build with Go from the pinned modules in engine/.
# MISSION_ENGINE=go leaves out PATH and the download, MISSION_ENGINE=official everything but the download.

# What the policy pack and the language host need; engine/cli pins the same version.
engine_major=3
engine_minor=220
# npm's `pulumi` package, which downloads the engine of its own version.
official_version=3.265.0
official_home=https://get.pulumi.com
engine_cache=$(cache_folder)/engine

# The pinned engine's folder in the cache, by content and platform.
engine_folder() {
  printf '%s/%s-%s\n' "$engine_cache" "$(uname -sm | tr ' ' '-')" \
    "$(digest_of "$MISSION_ROOT"/engine/cli/go.mod "$MISSION_ROOT"/engine/cli/go.sum \
      "$MISSION_ROOT"/engine/language-nodejs/go.mod "$MISSION_ROOT"/engine/language-nodejs/go.sum)"
}

# engine_is_complete BIN: the command line and its language host are there.
engine_is_complete() { [ -x "$1/pulumi" ] && [ -x "$1/pulumi-language-nodejs" ]; }

# pulumi_version PROGRAM: asking takes 0.2 s, so the answer is kept until the file changes (`engine_memo` empty: it is not).
pulumi_version() {
  _memo=${engine_memo-$engine_cache/on-path}
  _file=$(ls -lLn "$1")
  if [ -n "$_memo" ] && [ -r "$_memo" ] && { read -r _known && read -r _said; } <"$_memo" && [ "$_known" = "$_file" ]; then
    printf '%s\n' "$_said"; return
  fi
  _said=$(PULUMI_SKIP_UPDATE_CHECK=true "$1" version 2>/dev/null </dev/null) || return 1
  if [ -n "$_memo" ] && mkdir -p "$engine_cache" 2>/dev/null; then
    { printf '%s\n%s\n' "$_file" "$_said" >"$_memo.$$" && mv "$_memo.$$" "$_memo"; } 2>/dev/null || :
  fi
  printf '%s\n' "$_said"
}

# Sets `engine_refused` to why the `pulumi` on PATH is not used, when there is one.
engine_on_path() {
  engine_refused=
  _program=$(command -v pulumi) || return 1
  # Ours, put there by an outer launcher, is found in the cache.
  case $_program in /*) ;; *) return 1 ;; esac
  case $_program in "$engine_cache"/*|"$MISSION_ROOT"/*) return 1 ;; esac
  # The npm package's wrapper would download now; its download is looked for by its own name.
  case $(readlink "$_program" 2>/dev/null) in */pulumi/run.js) return 1 ;; esac
  _bin=$(dirname "$_program")
  _found=$(pulumi_version "$_program") || { engine_refused="'$_program' does not run"; return 1; }
  if ! version_at_least "$_found" "$engine_major" "$engine_minor"; then
    engine_refused="'$_program' is $_found, older than v$engine_major.$engine_minor"
  elif [ ! -x "$_bin/pulumi-language-nodejs" ] && ! command -v pulumi-language-nodejs >/dev/null 2>&1; then
    engine_refused="'$_program' has no pulumi-language-nodejs beside it"
  else
    engine_bin=$_bin; engine_version=$_found; engine_from="PATH"
    return 0
  fi
  return 1
}

engine_official_bin() { printf '%s\n' "${PULUMI_HOME:-${HOME:-}/.pulumi}/versions/$official_version/bin"; }

# engine_find: sets `engine_bin`, `engine_version` and `engine_from`; false when nothing is there yet. Changes nothing.
engine_find() {
  engine_bin=; engine_version=; engine_from=; engine_refused=
  case ${MISSION_ENGINE:-} in
    ''|go|official) ;;
    *) fail 2 "MISSION_ENGINE is '$MISSION_ENGINE'; allowed are 'go', 'official' or nothing" ;;
  esac
  if [ -z "${MISSION_ENGINE:-}" ] && engine_on_path; then return 0; fi
  if [ "${MISSION_ENGINE:-}" != official ]; then
    _folder=$(engine_folder)
    engine_bin=$_folder/bin
    if engine_is_complete "$engine_bin" && read -r engine_version <"$_folder/version"; then
      engine_from="built from engine/"
      return 0
    fi
  fi
  if [ "${MISSION_ENGINE:-}" != go ]; then
    engine_bin=$(engine_official_bin)
    if engine_is_complete "$engine_bin"; then
      engine_version=v$official_version; engine_from="official download"
      return 0
    fi
  fi
  engine_bin=
  return 1
}

# pinned_version MODULE-FOLDER SUBMODULE: as engine/ pins it.
pinned_version() {
  sed -n "s|^.*github.com/pulumi/pulumi/$2 \(v[^ ]*\).*|\1|p" "$MISSION_ROOT/engine/$1/go.mod"
}

setup_engine() {
  if ! engine_find; then
    [ -z "$engine_refused" ] || say "not using the engine on PATH: $engine_refused"
    . "$launcher/engine-get.sh"
    engine_get
  fi
  PATH=$engine_bin:$PATH
  PULUMI_SKIP_UPDATE_CHECK=true
  export PATH PULUMI_SKIP_UPDATE_CHECK
}
