'use strict'

const { flagsWithArgument, paths, runners } = require('./commands')

/** The completion script for fish 3 or later. */
function script(nodes) {
  return `# fish completion of lockerpm

# Prints where the words so far lead: the commands, and behind a command line of its own the words of that.
function __lockerpm_place
  set -l path
  set -l skip 0
  set -l tokens (commandline -opc)[2..-1]
  for i in (seq (count $tokens))
    set -l token $tokens[$i]
    if test $skip -eq 1
      set skip 0
      continue
    end
    if contains -- "$path" ${quoteAll(runners(nodes))}
      if test "$token" = --
        string join -- \\n $path -- $tokens[(math $i + 1)..-1]
        return
      else if not string match -q -- '-*' $token
        string join -- \\n $path -- $tokens[$i..-1]
        return
      end
    end
    switch $token
      case ${flagsWithArgument(nodes).join(' ')}
        set skip 1
      case '-*'
      case '*'
        contains -- (string join ' ' -- $path $token) ${quoteAll(paths(nodes))}; and set path $path $token
    end
  end
  string join -- \\n $path
end

function __lockerpm_at -d 'Whether the words so far lead to this command'
  set -l place (__lockerpm_place)
  test "$place" = "$argv"
end

function __lockerpm_runs
  contains -- -- (__lockerpm_place)
end

# Completes the command line that begins there, as if it stood alone.
function __lockerpm_command_line
  set -l place (__lockerpm_place)
  set -l at (contains -i -- -- $place); or set at (count $place)
  complete -C (string join ' ' -- (string escape -- $place[(math $at + 1)..-1]) (commandline -ct))
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
    ...(takes.isCommandLine ? [`${at} -a '(__lockerpm_command_line)'`] : []),
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

function quoteAll(texts) {
  return texts.map(quote).join(' ')
}

module.exports = { script }
