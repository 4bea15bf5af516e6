"""`monitor completion`: a script that lets a shell complete commands, options and endpoints."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

NAME = "completion"
HELP = "print a completion script for a shell"

_BASH = r"""# bash completion for monitor:  eval "$(monitor completion bash)"
_monitor_complete() {
  local line=${COMP_LINE:0:COMP_POINT} words candidate prefix
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  local current=${words[${#words[@]} - 1]}
  prefix=${current%"${current##*[:=]}"}
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    if [[ $candidate == :files ]]; then
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "${current#"$prefix"}")
      return
    fi
    [[ $candidate == *: ]] && compopt -o nospace
    printf -v candidate %q "${candidate#"$prefix"}"
    COMPREPLY+=("$candidate")
  done < <(printf '%s\n' "${words[@]:1}" | "$1" complete 2>/dev/null)
}
complete -F _monitor_complete monitor
"""

_ZSH = r"""#compdef monitor
# zsh completion for monitor:  eval "$(monitor completion zsh)"  after compinit
_monitor() {
  local -a lines values fields
  local line
  lines=("${(@f)$(print -rl -- "${(@Q)words[2,CURRENT]}" | "${(Q)words[1]}" complete 2>/dev/null)}")
  [[ -n $lines[1] ]] || return 1
  if [[ $lines[1] == :files* ]]; then
    _files
    return
  fi
  for line in $lines; do
    if [[ ${line%%$'\t'*} == *: ]]; then
      fields+=("${line%%$'\t'*}")
    else
      values+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
  done
  (( $#values )) && _describe -t values monitor values
  (( $#fields )) && compadd -S '' -- $fields
  return 0
}
if [[ $funcstack[1] == _monitor ]]; then _monitor "$@"; else compdef _monitor monitor; fi
"""

_FISH = r"""# fish completion for monitor:  monitor completion fish | source
function __monitor_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l program $words[1]
    set -l lines (printf '%s\n' $words[2..] | command $program complete 2>/dev/null)
    if test (count $lines) -gt 0; and string match -q ':files*' -- $lines[1]
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $lines
    end
end
complete -c monitor -f -a '(__monitor_complete)'
"""

SCRIPTS: Mapping[str, str] = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
"""Shell -> its script."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("shell", choices=list(SCRIPTS), help="the shell")


def run(args: Namespace) -> int:
    print(SCRIPTS[args.shell], end="")
    return 0
