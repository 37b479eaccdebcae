'use strict'

/** The completion scripts, loaded in the shells that they are for. */

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')

const { hasTerminal, runCli, startProgram, useHome } = require('./support/cli')

const home = useHome()

const has = (shell) => spawnSync(shell, ['--version']).error === undefined
/** `test` for what a shell shows; without the shell it says what is missing. */
const testIn = (shell) =>
  has(shell)
    ? test
    : Object.assign(() => {}, {
        each: () => (name) => test.skip(`${name} (needs ${shell})`, () => {}),
      })

beforeEach(() => {
  fs.mkdirSync(home.path('bin'))
  home.write('bin/only-command-of-this-name', '#!/bin/sh\n', 0o755)
  home.write('file-to-import.env', '')
})

const env = () => ({
  HOME: home.root,
  PATH: `${home.path('bin')}:${process.env.PATH}`,
  PS1: '$ ',
  TERM: 'xterm',
})

/** Writes the script, and gives its path. */
async function scriptOf(shell) {
  const { code, stdout, stderr } = await runCli(['completion', shell], { env: home.env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return home.write(`completion.${shell}`, stdout)
}

/** What is typed, with a tab for each ⇥, and what the command gets. */
const TYPED = [
  ['sec⇥g⇥', 'secret get'],
  ['secret list --outp⇥j⇥', 'secret list --output-format json'],
  ['secret get KEY -e prod --rev⇥', 'secret get KEY -e prod --reveal'],
  ['--prof⇥secret env⇥u⇥NAME --ext⇥', '--profile secret environment update NAME --external-url'],
  ['completion z⇥', 'completion zsh'],
  ['export --format sh⇥', 'export --format shell'],
  ['import file-to⇥', 'import file-to-import.env'],
  ['--access-key-secret-file file-to⇥', '--access-key-secret-file file-to-import.env'],
  ['run --env-f⇥file-to⇥', 'run --env-file file-to-import.env'],
  ['run --env sec -- only-com⇥', 'run --env sec -- only-command-of-this-name'],
  ['run only-com⇥', 'run only-command-of-this-name'],
  ['run -- cat file-to⇥', 'run -- cat file-to-import.env'],
]

const SHELLS = {
  bash: { start: ['bash', '--norc', '--noprofile', '-i'], load: (script) => `. ${script}` },
  zsh: { start: ['zsh', '-f', '-i'], load: (script) => `autoload -U compinit; compinit -u -D; . ${script}` },
}

describe.each(Object.entries(SHELLS))('%s', (shell, { start, load }) => {
  const test_ = hasTerminal ? testIn(shell) : testIn('script of util-linux')

  test_.each(TYPED)('%s becomes %s', async (typed, words) => {
    const script = await scriptOf(shell)
    const session = startProgram(start, { env: env(), cwd: home.root, terminal: true })
    session.type(`${load(script)}; lockerpm() { echo "got:$*:"; }; echo rea""dy\r`)
    await session.says('ready')
    session.type(`lockerpm ${typed.replaceAll('⇥', '\t')}\r`)
    await session.says('got:')
    await session.says(':\r\n')
    expect(session.output.stdout).toContain(`got:${words}:`)
    session.type('exit\r')
    await session.exit
  })
})

describe('fish', () => {
  const offers = (script, line) => {
    const args = ['--no-config', '-c', `source ${script}; complete -C $argv[1]`, line]
    const { stdout } = spawnSync('fish', args, { env: env(), cwd: home.root, encoding: 'utf8' })
    return stdout.split('\n').map((offer) => offer.split('\t')[0])
  }

  testIn('fish').each(TYPED)('%s becomes %s', async (typed, words) => {
    const script = await scriptOf('fish')
    let line = 'lockerpm '
    for (const segment of typed.split('⇥').slice(0, -1)) {
      line += segment
      const completed = words.split(' ')[line.split(' ').length - 2]
      expect(offers(script, line)).toContain(completed)
      line = `${line.slice(0, line.lastIndexOf(' '))} ${completed} `
    }
  })
})
