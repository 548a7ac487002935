# The prompt: context and namespace of the kubeconfig, directory, and a red sign behind a command that failed.
# Around prompt, command and output it says where they are (OSC 133), so that the page can jump between commands and mark those that failed.
# No kubectl runs for it: the kubeconfig is read, and only when it is newer than what was read last.

_playground_context='' _playground_namespace='' _playground_read=''
_playground_stamp=~/.playground/.kubeconfig-read-$$

# Sets context and namespace from the kubeconfig in block style, as kubectl writes it.
_playground_read_kubeconfig() {
  local line key value section='' indent='' name='' current='' LC_ALL=C
  local -A namespaces=()
  while IFS= read -r line || [[ $line ]]; do
    if [[ $line =~ ^([A-Za-z-]+):[[:space:]]*(.*)$ ]]; then
      section=${BASH_REMATCH[1]} indent='' name=''
      [[ $section == current-context ]] && _playground_unquote "${BASH_REMATCH[2]}" && current=$REPLY
      continue
    fi
    [[ $section == contexts && $line =~ ^(\ *)(-?\ *)([a-z]+):\ *(.*)$ ]] || continue
    key=${BASH_REMATCH[3]} value=${BASH_REMATCH[4]}
    if [[ ${BASH_REMATCH[2]} == -* ]]; then
      [[ $indent ]] || indent="${BASH_REMATCH[1]}-"
      # A new entry: what is in it may come in any order.
      if [[ $indent == "${BASH_REMATCH[1]}-" ]]; then name='' namespaces[/]=''; fi
    fi
    _playground_unquote "$value"
    case $key in
      name) name=$REPLY ;;
      namespace) namespaces[/]=$REPLY ;;
    esac
    [[ $name ]] && namespaces[$name]=${namespaces[/]-}
  done <"$1"
  _playground_context=$current
  _playground_namespace=''
  [[ $current ]] && _playground_namespace=${namespaces[$current]-}
}

_playground_unquote() {
  REPLY=${1%"${1##*[![:space:]]}"}
  [[ $REPLY =~ ^\"(.*)\"$ || $REPLY =~ ^\'(.*)\'$ ]] && REPLY=${BASH_REMATCH[1]}
  return 0
}

_playground_prompt() {
  local status=$? REPLY file=${KUBECONFIG:-$HOME/.kube/config}
  file=${file%%:*}
  history -a
  if [[ ! -r $file ]]; then
    _playground_context='' _playground_namespace='' _playground_read=''
  elif [[ $file != "$_playground_read" || ! $_playground_stamp -nt $file ]]; then
    : >|"$_playground_stamp"
    _playground_read_kubeconfig "$file"
    _playground_read=$file
  fi
  local place=${_playground_context:-no context}/${_playground_namespace:-default}
  # Backslashes and the like would be expanded by the shell when it draws the prompt.
  place=${place//[^A-Za-z0-9 .:@\/_-]/?}
  local sign='\[\e[32m\]'
  ((status == 0)) || sign='\[\e[31m\]'
  PS1="\[\e]133;D;$status\a\e]133;A\a\e]0;$place \w\a\]\[\e[32m\]${place%%/*}\[\e[0m\]/\[\e[1m\]${place#*/}\[\e[0m\] \[\e[34m\]\w\[\e[0m\] $sign\\\$\[\e[0m\] \[\e]133;B\a\]"
}

# Drawn when a command was read and begins.
PS0='\e]133;C\a'
PROMPT_COMMAND=_playground_prompt
trap 'rm -f "$_playground_stamp"' EXIT
