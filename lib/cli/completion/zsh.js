'use strict'

const { flagsWithArgument, paths, runners } = require('./commands')

/** The completion script for zsh: a function of a folder in `fpath`, or text for `eval`. */
function script(nodes) {
  return `#compdef lockerpm

_lockerpm() {
  local path_of_commands="" next
  local -i i
  local -a subcommands flags
  for ((i = 2; i < CURRENT; i++)); do
    next="\${words[i]}"
    case "$path_of_commands" in
      ${alternatives(runners(nodes))}) if [[ $next == -- || $next != -* ]]; then _lockerpm_command_line $i; return; fi ;;
    esac
    case "$next" in
      ${flagsWithArgument(nodes).join('|')}) ((i++)) ;;
      -*) ;;
      *)
        case "\${path_of_commands:+$path_of_commands }$next" in
          ${alternatives(paths(nodes))}) path_of_commands="\${path_of_commands:+$path_of_commands }$next" ;;
        esac ;;
    esac
  done
  case "$path_of_commands:\${words[CURRENT - 1]}" in
${nodes.flatMap(optionCases).join('\n')}
  esac
  case "$path_of_commands" in
${nodes.map(wordCase).join('\n')}
  esac
}

# Completes the command line that begins at a word, as if it stood alone.
_lockerpm_command_line() {
  local -i start=$1
  [[ \${words[start]} == -- ]] && ((start++))
  shift $((start - 1)) words
  ((CURRENT -= start - 1))
  _normal
}

# Loaded by the completion system it is called for the first time; in an eval it is announced.
if [[ $funcstack[1] == _lockerpm ]]; then
  _lockerpm "$@"
else
  compdef _lockerpm lockerpm
fi
`
}

function optionCases({ path, options }) {
  return options
    .filter(({ takes }) => takes)
    .map(
      ({ flags, takes }) =>
        `    ${flags.map((flag) => `'${path}:${flag}'`).join('|')}) ${reply(takes)}; return ;;`,
    )
}

function wordCase({ path, commands, options, takes = {} }) {
  const flags = options.flatMap(({ flags: names, description }) =>
    names.map((name) => described(name, description)),
  )
  const offer =
    commands.length > 0
      ? `subcommands=(${commands.map(({ name, description }) => described(name, description)).join(' ')}); _describe command subcommands`
      : reply(takes)
  return `    '${path}')
      if [[ \${words[CURRENT]} == -* ]]; then flags=(${flags.join(' ')}); _describe option flags
      else ${offer}
      fi ;;`
}

function reply({ words = [], isFile = false, isCommandLine = false }) {
  if (isCommandLine) return '_lockerpm_command_line $CURRENT'
  if (isFile) return '_files'
  return words.length === 0 ? '_message "no more to complete"' : `compadd -- ${words.join(' ')}`
}

/** A word with its description, quoted for `_describe`. */
function described(word, description) {
  return `'${word}:${description.replaceAll("'", "'\\''")}'`
}

function alternatives(texts) {
  return texts.map((text) => `'${text}'`).join(' | ')
}

module.exports = { script }
