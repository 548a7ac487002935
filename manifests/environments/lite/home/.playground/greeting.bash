# What a new terminal says: what this is, and three commands worth typing; or what is missing.

_playground_install() {
  local machine=amd64
  case $(uname -m) in aarch64 | arm64) machine=arm64 ;; esac
  printf '%s\n' \
    'kubectl is not installed here. Install it for this session with' \
    "  curl -Lo ~/.local/bin/kubectl https://dl.k8s.io/release/v1.35.0/bin/$(uname -s | tr A-Z a-z)/$machine/kubectl" \
    '  chmod +x ~/.local/bin/kubectl' \
    'or on this machine: https://kubernetes.io/docs/tasks/tools/'
}

command_not_found_handle() {
  if [[ $1 == kubectl ]]; then
    _playground_install >&2
  else
    printf 'bash: %s: command not found\n' "$1" >&2
  fi
  return 127
}

_playground_greet() {
  local bold=$'\e[1m' plain=$'\e[0m' green=$'\e[32m'
  printf '%s\n' "${green}Gardener playground${plain}: this landscape is yours until the session ends."
  if ! type -P kubectl >/dev/null; then
    _playground_install
    return
  fi
  printf '%s\n' \
    '' \
    "  ${bold}kubectl get seeds${plain}             where clusters can run" \
    "  ${bold}kubectl apply -f shoot.yaml${plain}   create a cluster" \
    "  ${bold}kubectl get shoots -w${plain}         watch it grow; Ctrl-C stops" \
    '' \
    "${bold}k${plain} is short for kubectl, and TAB completes. More examples: ${bold}ls${plain}" \
    ''
}

((SHLVL > 1)) || _playground_greet
