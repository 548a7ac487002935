# The visitor's shell: prompt, history, completion, greeting. Change it as you like; it lasts as long as the session.
[[ $- == *i* ]] || return

# Descriptors that belong to the program that started the shell are not for the visitor's commands.
for _fd in /proc/$$/fd/*; do
  _fd=${_fd##*/}
  # No redirection on the loop: exec would make it last.
  if [[ $_fd =~ ^[0-9]+$ ]] && ((_fd > 2 && _fd < 255)); then exec {_fd}>&-; fi
done
unset _fd

shopt -s checkwinsize histappend
HISTFILE=~/.bash_history
HISTSIZE=5000
HISTCONTROL=ignoredups

alias k=kubectl
alias ls='ls --color=auto'
alias ll='ls -l'
alias grep='grep --color=auto'
for _editor in nano vim vi; do
  if type -P "$_editor" >/dev/null; then
    export EDITOR=$_editor
    break
  fi
done
unset _editor

source ~/.playground/prompt.bash
source ~/.playground/completion.bash
source ~/.playground/gardenctl.bash
source ~/.playground/greeting.bash
