'use strict'

const { flagsWithArgument, paths, runners } = require('./commands')

/** The completion script for bash 4 or later. It needs no other package. */
function script(nodes) {
  return `# bash completion of lockerpm

_lockerpm() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}" path="" i next
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${COMP_WORDS[i]}"
    case "$path" in
      ${alternatives(runners(nodes))}) [[ $next == -- || $next != -* ]] && { _lockerpm_command_line "$i"; return; } ;;
    esac
    case "$next" in
      ${flagsWithArgument(nodes).join(' | ')}) ((i++)) ;;
      -*) ;;
      *) case "\${path:+$path }$next" in ${alternatives(paths(nodes))}) path="\${path:+$path }$next" ;; esac ;;
    esac
  done
  COMPREPLY=()
  case "$path:$before" in
${nodes.flatMap(optionCases).join('\n')}
  esac
  case "$path" in
${nodes.map(wordCase).join('\n')}
  esac
}

# Completes the command line that begins at a word, as if it stood alone.
_lockerpm_command_line() {
  local start=$1
  [[ \${COMP_WORDS[start]} == -- ]] && ((start++))
  if declare -F _command_offset > /dev/null; then
    _command_offset "$start"
  elif ((COMP_CWORD <= start)); then
    COMPREPLY=($(compgen -c -- "\${COMP_WORDS[COMP_CWORD]}"))
  else
    compopt -o default 2> /dev/null
    COMPREPLY=()
  fi
}

complete -F _lockerpm lockerpm
`
}

/** What may stand behind an option that takes an argument. */
function optionCases({ path, options }) {
  return options
    .filter(({ takes }) => takes)
    .map(
      ({ flags, takes }) =>
        `    ${flags.map((flag) => `'${path}:${flag}'`).join(' | ')}) ${reply(takes)}; return ;;`,
    )
}

/** What may stand in any other place. */
function wordCase({ path, commands, options, takes = {} }) {
  const flags = options.flatMap((option) => option.flags)
  const words = [...commands.map(({ name }) => name), ...(takes.words ?? [])]
  const other = takes.isFile || takes.isCommandLine ? reply(takes) : reply({ words })
  return `    '${path}') if [[ $word == -* ]]; then ${reply({ words: flags })}; else ${other}; fi ;;`
}

function reply({ words = [], isFile = false, isCommandLine = false }) {
  if (isCommandLine) return '_lockerpm_command_line "$COMP_CWORD"'
  if (isFile) return 'compopt -o default 2> /dev/null'
  return words.length === 0 ? ':' : `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$word"))`
}

function alternatives(texts) {
  return texts.map((text) => `'${text}'`).join(' | ')
}

module.exports = { script }
