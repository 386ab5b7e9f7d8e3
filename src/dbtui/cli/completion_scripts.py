"""Completion scripts for bash, zsh and fish, generated from the verbs and kinds; completing asks nobody, AWS least."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SHELLS: Final = ("bash", "zsh", "fish")

_PROFILES: Final = (
    """sed -n -e 's/^\\[profile \\(.*\\)\\][[:space:]]*$/\\1/p' -e 's/^\\[\\(default\\)\\].*/\\1/p' """
    """"${AWS_CONFIG_FILE:-$HOME/.aws/config}" 2>/dev/null"""
)
"""A shell command that prints the profiles of the AWS configuration file."""
_FISH_PROFILES: Final = (
    """(set -q AWS_CONFIG_FILE; or set -l AWS_CONFIG_FILE $HOME/.aws/config; """
    """sed -n -e 's/^\\[profile \\(.*\\)\\][[:space:]]*$/\\1/p' -e 's/^\\[\\(default\\)\\].*/\\1/p' """
    """$AWS_CONFIG_FILE 2>/dev/null)"""
)


@dataclass(frozen=True, slots=True)
class OptionWords:
    """One option: how it is spelled, whether a value follows, and the values known beforehand."""

    names: tuple[str, ...]
    help: str
    takes_value: bool
    values: tuple[str, ...] = ()
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class VerbWords:
    """One verb: its own options, and the words its arguments begin with (``table/``) or are (``tables``)."""

    name: str
    help: str
    options: tuple[OptionWords, ...]
    arguments: tuple[str, ...]


def script(shell: str, verbs: Sequence[VerbWords], shared: Sequence[OptionWords]) -> str:
    """The completion script of a shell."""
    if shell == "fish":
        return _fish(verbs, shared)
    return _bash(verbs, shared) if shell == "bash" else _zsh(verbs, shared)


def _names(options: Sequence[OptionWords]) -> str:
    return " ".join(name for option in options for name in option.names)


def _value_cases(verbs: Sequence[VerbWords], shared: Sequence[OptionWords], words: str, files: str) -> list[str]:
    """One ``case`` branch for each option that takes a value: what may follow it."""
    options = {option.names: option for option in (*shared, *(o for verb in verbs for o in verb.options))}
    lines = []
    for option in options.values():
        if not option.takes_value:
            continue
        pattern = "|".join(option.names)
        if "--profile" in option.names:
            action = words.format(f'"$({_PROFILES})"')
        elif option.is_file:
            action = files
        else:
            action = words.format(shlex.quote(" ".join(option.values)))
        lines.append(f"    {pattern}) {action}; return ;;")
    return lines


def _verb_cases(verbs: Sequence[VerbWords], options: str, arguments: str) -> list[str]:
    lines = []
    for verb in verbs:
        lines.append(f"    {verb.name})")
        lines.append(f"      {options}={shlex.quote(_names(verb.options))}")
        lines.append(f"      {arguments}={shlex.quote(' '.join(verb.arguments))} ;;")
    return lines


def _bash(verbs: Sequence[VerbWords], shared: Sequence[OptionWords]) -> str:
    names = " ".join(verb.name for verb in verbs)
    values = _value_cases(
        verbs, shared, 'COMPREPLY=($(compgen -W {} -- "$cur"))', 'COMPREPLY=($(compgen -f -- "$cur"))'
    )
    lines = [
        "# dbtui completion for bash. Put into ~/.bashrc:  source <(dbtui completion bash)",
        "_dbtui() {",
        '  local cur="${COMP_WORDS[COMP_CWORD]}" prev="" verb="" own="" arguments="" word',
        "  COMPREPLY=()",
        '  ((COMP_CWORD > 0)) && prev="${COMP_WORDS[COMP_CWORD-1]}"',
        '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
        f'    case " {names} " in *" $word "*) verb="$word"; break ;; esac',
        "  done",
        '  case "$prev" in',
        *values,
        "  esac",
        '  case "$verb" in',
        f"    '') arguments={shlex.quote(names)} ;;",
        *_verb_cases(verbs, "own", "arguments"),
        "  esac",
        '  if [[ "$cur" == -* ]]; then',
        f'    COMPREPLY=($(compgen -W "$own {_names(shared)}" -- "$cur"))',
        "  else",
        '    COMPREPLY=($(compgen -W "$arguments" -- "$cur"))',
        '    [[ "${COMPREPLY[*]}" == */ ]] && compopt -o nospace 2>/dev/null',
        "  fi",
        "}",
        "complete -F _dbtui dbtui",
    ]
    return "\n".join(lines) + "\n"


def _zsh(verbs: Sequence[VerbWords], shared: Sequence[OptionWords]) -> str:
    names = " ".join(verb.name for verb in verbs)
    values = _value_cases(verbs, shared, "compadd -- ${{(z)$(print -r -- {})}}", "_files")
    lines = [
        "#compdef dbtui",
        "# dbtui completion for zsh. Put into ~/.zshrc after compinit:  source <(dbtui completion zsh)",
        "_dbtui() {",
        '  local verb="" own="" arguments="" word',
        '  for word in "${(@)words[2,CURRENT-1]}"; do',
        f'    case " {names} " in *" $word "*) verb="$word"; break ;; esac',
        "  done",
        '  case "${words[CURRENT-1]}" in',
        *values,
        "  esac",
        '  case "$verb" in',
        f"    '') arguments={shlex.quote(names)} ;;",
        *_verb_cases(verbs, "own", "arguments"),
        "  esac",
        '  if [[ "${words[CURRENT]}" == -* ]]; then',
        f"    compadd -- ${{=own}} {_names(shared)}",
        '  elif [[ "$arguments" == */* ]]; then',
        '    compadd -S "" -- ${=arguments}',
        "  else",
        "    compadd -- ${=arguments}",
        "  fi",
        "}",
        "compdef _dbtui dbtui",
    ]
    return "\n".join(lines) + "\n"


def _fish(verbs: Sequence[VerbWords], shared: Sequence[OptionWords]) -> str:
    names = " ".join(verb.name for verb in verbs)
    lines = [
        "# dbtui completion for fish. Put into ~/.config/fish/config.fish:  dbtui completion fish | source",
        "complete -c dbtui -f",
    ]
    for verb in verbs:
        unless = f"'not __fish_seen_subcommand_from {names}'"
        lines.append(f"complete -c dbtui -n {unless} -a {verb.name} -d {_fish_quoted(verb.help)}")
        when = f"'__fish_seen_subcommand_from {verb.name}'"
        if verb.arguments:
            lines.append(f"complete -c dbtui -n {when} -a {_fish_quoted(' '.join(verb.arguments))}")
        lines += [_fish_option(option, f" -n {when}") for option in verb.options]
    lines += [_fish_option(option, "") for option in shared]
    return "\n".join(lines) + "\n"


def _fish_option(option: OptionWords, when: str) -> str:
    words = [f"complete -c dbtui{when}"]
    for name in option.names:
        words.append(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}")
    if option.takes_value:
        words.append("-r" if option.is_file else "-x")
    if option.is_file:
        words.append("-F")
    if "--profile" in option.names:
        words.append(f"-a {_fish_quoted(_FISH_PROFILES)}")
    if option.values:
        words.append(f"-a {_fish_quoted(' '.join(option.values))}")
    words.append(f"-d {_fish_quoted(option.help)}")
    return " ".join(words)


def _fish_quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
