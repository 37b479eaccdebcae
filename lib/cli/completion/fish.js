'use strict'

const { flagsWithArgument } = require('./commands')

/** The completion script for fish 3 or later. */
function script(nodes) {
  const runners = nodes.filter(({ runsCommand }) => runsCommand)
  return `# fish completion of lockerpm

function __lockerpm_at -d 'Whether the words so far lead to this command'
  set -l tokens (commandline -opc)[2..-1]
  set -l path
  set -l skip 0
  for token in $tokens
    if test $skip -eq 1
      set skip 0
      continue
    end
    if contains -- "$path" ${runners.map(({ path }) => quote(path)).join(' ')}
      if test "$token" = -- || not string match -q -- '-*' $token
        return 1
      end
    end
    switch $token
      case ${flagsWithArgument(nodes).join(' ')}
        set skip 1
      case '-*'
      case '*'
        set path $path $token
    end
  end
  test "$path" = "$argv"
end

# What follows is a command line of its own: completed as that.
function __lockerpm_command_line
  set -l tokens (commandline -opc)[2..-1]
  set -l at (contains -i -- -- $tokens)
  set -l rest $tokens[(math $at + 1)..-1]
  complete -C (string join ' ' -- (string escape -- $rest) (commandline -ct))
end

function __lockerpm_runs
${runners.map(({ path }) => `  contains -- ${path} (commandline -opc); and contains -- -- (commandline -opc)`).join('\n')}
end

complete -c lockerpm -f
complete -c lockerpm -n __lockerpm_runs -a '(__lockerpm_command_line)'
${nodes.flatMap(lines).join('\n')}
`
}

function lines({ path, commands, options, takes = {} }) {
  const at = `complete -c lockerpm -n ${quote(`__lockerpm_at ${path}`.trim())}`
  return [
    ...commands.map(({ name, description }) => `${at} -a ${name} -d ${quote(description)}`),
    ...options.map((option) => `${at}${optionFlags(option)} -d ${quote(option.description)}`),
    ...(takes.words ?? []).map((word) => `${at} -a ${word}`),
    ...(takes.isFile ? [`${at} -F`] : []),
  ]
}

function optionFlags({ flags, takes }) {
  const names = flags
    .map((flag) => (flag.startsWith('--') ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`))
    .join('')
  if (!takes) return names
  if (takes.words) return `${names} -x -a ${quote(takes.words.join(' '))}`
  return takes.isFile ? `${names} -r -F` : `${names} -x`
}

function quote(text) {
  return `'${text.replace(/['\\]/g, '\\$&')}'`
}

module.exports = { script }
