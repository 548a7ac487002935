# The helpers that completion scripts of Cobra programs expect from the package bash-completion, for where it is not installed.

# _get_comp_words_by_ref [-n CHARS] cur prev words cword
# Sets the caller's variables to the command line's words. Readline breaks words at characters such as : and =, too; those in CHARS do not count.
_get_comp_words_by_ref() {
  local _kept='' _line=$COMP_LINE _at=0 _index _part _space
  while [[ $1 == -* ]]; do
    if [[ $1 == -n ]]; then _kept=$2 && shift; fi
    shift
  done
  local -a _words=()
  for ((_index = 0; _index < ${#COMP_WORDS[@]}; _index++)); do
    _part=${COMP_WORDS[_index]}
    _space=${_line%%[![:space:]]*}
    _line=${_line#"$_space"}
    _line=${_line#"$_part"}
    # Joined to the word before, unless there is space between, when either of the two is of characters that do not count.
    if ((_index > 0)) && [[ -z $_space ]] && { _playground_consists_of "$_part" "$_kept" || _playground_consists_of "${COMP_WORDS[_index - 1]}" "$_kept"; }; then
      _words[_at]+=$_part
    elif ((_index > 0)); then
      _words[++_at]=$_part
    else
      _words[_at]=$_part
    fi
    if ((_index == COMP_CWORD)); then
      cword=$_at
      # As far as the cursor stands.
      cur=${_words[_at]}
    fi
  done
  words=("${_words[@]}")
  prev=''
  ((cword > 0)) && prev=${words[cword - 1]}
  return 0
}

_playground_consists_of() {
  [[ $2 && $1 && -z ${1//["$2"]/} ]]
}

# _filedir [-d | PATTERN]: completes directories, or files whose extension matches, and directories.
_filedir() {
  local _entry _pattern=${1-}
  compopt -o filenames 2>/dev/null
  if [[ $_pattern == -d ]]; then
    mapfile -t COMPREPLY < <(compgen -d -- "$cur")
    return
  fi
  COMPREPLY=()
  while IFS= read -r _entry; do
    if [[ -d $_entry || -z $_pattern || $_entry =~ \.(${_pattern%|})$ ]]; then COMPREPLY+=("$_entry"); fi
  done < <(compgen -f -- "$cur")
}
