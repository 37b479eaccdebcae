'use strict'

const { CommanderError } = require('commander')

const { ExitCode, exitCodeOf, tell } = require('./failure')
const { buildProgram } = require('./program')

/** Runs the command that `argv` asks for, and sets the exit code of the process. */
async function main(argv) {
  endWithTheReader(process.stdout)
  endWithTheReader(process.stderr)
  const program = buildProgram(argv.slice(2))
  try {
    await program.parseAsync(argv)
  } catch (error) {
    process.exitCode = error instanceof CommanderError ? exitCodeOfParser(error) : failed(error, argv)
  }
}

/** Whoever reads the output, such as `head`, may stop before its end. Nobody is left to be told. */
function endWithTheReader(stream) {
  stream.on('error', (error) => {
    if (error.code === 'EPIPE') process.exit(ExitCode.OK)
    throw error
  })
}

/** The parser has said what is wrong; help that was asked for is no failure. */
function exitCodeOfParser({ exitCode }) {
  return exitCode === 0 ? ExitCode.OK : ExitCode.USAGE
}

function failed(error, argv) {
  tell(error, { verbose: argv.includes('--verbose') })
  return exitCodeOf(error)
}

module.exports = { main }
