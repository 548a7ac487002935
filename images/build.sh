#!/usr/bin/env bash
# Builds the three images with docker or podman and prints their sizes; fails where one is larger than it may be.
# ENGINE, TAG, IMAGE_PREFIX and VERSION come from the environment; arguments go to the engine's build (--platform, --label …).
set -euo pipefail
cd "$(dirname "$0")/.."

tag=${TAG:-dev}
prefix=${IMAGE_PREFIX-playground/}
limit_mb=220

engine=${ENGINE:-$(command -v docker || command -v podman || true)}
if [ -z "$engine" ]; then
  echo 'There is no docker and no podman. Install one of them and try again.' >&2
  exit 1
fi
# Debian's docker.io has BuildKit built in, but not by default.
export DOCKER_BUILDKIT=${DOCKER_BUILDKIT-1}

revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain 2>/dev/null)" ] || revision+=-dirty
labels=(
  --build-arg "VERSION=${VERSION:-$tag}"
  --build-arg "REVISION=$revision"
  --build-arg "CREATED=$(TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd 2>/dev/null || echo 1970-01-01T00:00:00Z)"
)
for target in gateway terminal garden-lite; do
  echo "Building $prefix$target:$tag …"
  "$engine" build --file images/Dockerfile --target "$target" --tag "$prefix$target:$tag" "${labels[@]}" "$@" .
done

echo
too_large=0
for target in gateway terminal garden-lite; do
  size_mb=$(($("$engine" image inspect --format '{{.Size}}' "$prefix$target:$tag") / 1000000))
  printf '%-40s %4d MB\n' "$prefix$target:$tag" "$size_mb"
  if [ "$target" != terminal ] && [ "$size_mb" -ge "$limit_mb" ]; then
    echo "$prefix$target:$tag must be smaller than $limit_mb MB." >&2
    too_large=1
  fi
done

tools='kubectl helm jq yq git less vim nano k9s gardenctl gardenlogin'
found=$("$engine" run --rm --network none --entrypoint sh "${prefix}terminal:$tag" -c \
  "for tool in $tools; do if command -v \$tool >/dev/null; then echo \$tool; fi; done")
missing=$(comm -23 <(tr ' ' '\n' <<<"$tools" | sort) <(sort <<<"$found"))
echo "The terminal has: $(paste -sd ' ' <<<"$found")."
[ -z "$missing" ] || echo "It does not have: $(paste -sd ' ' <<<"$missing"). \`make image-tools\` builds what it can, before the images."
exit $too_large
