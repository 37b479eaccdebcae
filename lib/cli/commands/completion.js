'use strict'

const { Argument } = require('commander')

const { examples } = require('../global-options')
const { write } = require('../output')

const SHELLS = ['bash', 'zsh', 'fish']

function define(command) {
  command
    .description('Print a script that completes the commands and options of lockerpm in your shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      examples(
        'eval "$(lockerpm completion bash)"                                       # in ~/.bashrc',
        'eval "$(lockerpm completion zsh)"                                        # in ~/.zshrc, behind compinit',
        'lockerpm completion fish > ~/.config/fish/completions/lockerpm.fish',
      ),
    )
    .action((shell) => {
      const { describe } = require('../completion/commands')
      const { buildWholeProgram } = require('../program')
      write(require(`../completion/${shell}`).script(describe(buildWholeProgram())))
    })
}

module.exports = { define }
