# Completion: loaded by the first TAB, since asking kubectl for its script takes longer than starting the shell.

_playground_package=/usr/share/bash-completion/bash_completion

# Loads the completion of one program; bash then tries again (124).
_playground_load_completion() {
  local program=$1
  [[ $program == k ]] && program=kubectl
  [[ -r $_playground_package ]] && ! declare -F _init_completion >/dev/null && source "$_playground_package"
  declare -F _get_comp_words_by_ref >/dev/null || source ~/.playground/completion-helpers.bash
  complete -r "$1" 2>/dev/null
  source <("$program" completion bash 2>/dev/null)
  if [[ $program == kubectl ]] && declare -F __start_kubectl >/dev/null; then
    complete -o default -F __start_kubectl kubectl k
  fi
  return 124
}

# Everything else: the package's own loader, where it is installed.
_playground_load_package() {
  complete -r -D
  source "$_playground_package"
  _playground_lazy
  return 124
}

_playground_lazy() {
  local program
  for program in kubectl k helm gardenctl; do
    complete -p "$program" &>/dev/null || complete -F _playground_load_completion "$program"
  done
}

_playground_lazy
[[ -r $_playground_package ]] && complete -D -F _playground_load_package
