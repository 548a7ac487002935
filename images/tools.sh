#!/usr/bin/env bash
# Builds programs for the terminal image into images/tools/ with Go: yq, k9s, gardenctl and gardenlogin. Does nothing twice.
# Goes on when one cannot be had (no way to its sources, Go too old), and fails at the end.
set -euo pipefail
cd "$(dirname "$0")/tools"

yq=v4.53.5
k9s=v0.50.16
gardenctl=v2.13.0
gardenlogin=v0.9.0

command -v go >/dev/null || {
  echo 'There is no Go. Install it (https://go.dev/dl) and try again, or put the programs into images/tools/ yourself.' >&2
  exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CGO_ENABLED=0 GOOS=linux GOFLAGS="${GOFLAGS-} -trimpath -buildvcs=false"
missing=()

is_built() { [ -x "$1" ] && [ "$(cat ".$1.version" 2>/dev/null)" = "$2" ]; }

# build NAME VERSION FETCH SOURCE LDFLAGS: FETCH NAME VERSION SOURCE puts the sources into $work/NAME.
build() {
  ! is_built "$1" "$2" || return 0
  echo "Building $1 $2 …"
  if { "$3" "$1" "$2" "$4" && (cd "$work/$1" && go build -ldflags "-s -w $5" -o "$work/program" .); } >"$work/log" 2>&1; then
    mv "$work/program" "$1"
    echo "$2" >".$1.version"
  else
    echo "$1 $2 could not be built: $(grep -v '^go: downloading' "$work/log" | tail -1)" >&2
    missing+=("$1")
  fi
}

# Through the Go module proxy. Built in a copy, so that its own go.mod and go.sum count.
fetch_module() {
  local cached
  cached=$(cd "$work" && go mod download -json "$3@$2" | tee "$work/download" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  [ -n "$cached" ] || { cat "$work/download" && return 1; }
  cp -r "$cached" "$work/$1" && chmod -R u+w "$work/$1"
}

# For programs whose tags are no versions of their module.
fetch_repository() {
  git -c advice.detachedHead=false clone --quiet --depth 1 --branch "$2" "$3" "$work/$1"
}

version_of_gardener='-X k8s.io/component-base/version.gitVersion'
build yq "$yq" fetch_module github.com/mikefarah/yq/v4 ''
build k9s "$k9s" fetch_module github.com/derailed/k9s "-X github.com/derailed/k9s/cmd.version=$k9s"
build gardenctl "$gardenctl" fetch_repository https://github.com/gardener/gardenctl-v2 "$version_of_gardener=$gardenctl"
build gardenlogin "$gardenlogin" fetch_repository https://github.com/gardener/gardenlogin "$version_of_gardener=$gardenlogin"

[ ${#missing[@]} -eq 0 ] || {
  echo "The terminal image will be without: ${missing[*]}." >&2
  exit 1
}
