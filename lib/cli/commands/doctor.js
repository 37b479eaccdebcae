'use strict'

const { CommandError } = require('../failure')
const { examples } = require('../global-options')
const { oneLine, write, writeJson } = require('../output')
const { paint } = require('../style')

const SIGNS = { ok: ['green', 'ok  '], warn: ['yellow', 'warn'], fail: ['red', 'fail'] }

function define(command) {
  command
    .description('Look at everything that a call needs, and say in plain words what is wrong and what to do.')
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', examples('lockerpm doctor', 'lockerpm doctor --profile work --json'))
    .action((_options, self) => doctor(self.optsWithGlobals()))
}

async function doctor(options) {
  const { examine } = require('../doctor/examine')
  const findings = await examine(options)
  if (options.json || options.outputFormat === 'json') writeJson(findings)
  else write(findings.map(line).join(''))
  const failures = findings.filter(({ level }) => level === 'fail')
  if (failures.length > 0) throw new CommandError(`${failures.map(({ name }) => name).join(', ')}: see above`)
}

function line({ name, level, text, advice }) {
  const [colour, sign] = SIGNS[level]
  const finding = `${paint(process.stdout, colour, sign)}  ${name.padEnd(12)}  ${oneLine(text)}\n`
  return advice ? `${finding}${' '.repeat(20)}-> ${oneLine(advice)}\n` : finding
}

module.exports = { define }
