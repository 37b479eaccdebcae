'use strict'

const fs = require('node:fs')
const { isatty } = require('node:tty')

const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGINT', 'SIGQUIT']
/** A terminal sends these to every process of the group in its foreground when somebody presses a key. */
const OF_THE_KEYBOARD = new Set(['SIGINT', 'SIGQUIT'])

/**
 * Gives the signals of this process to `send`, until the function that this returns is called. Those of the keyboard have
 * reached the command by themselves, and are not sent twice: a second Ctrl-C often means "at once".
 */
function forwardSignals(send) {
  const listeners = FORWARDED.map((signal) => {
    const listener = () => {
      if (!(OF_THE_KEYBOARD.has(signal) && isInForeground())) send(signal)
    }
    return [signal, listener]
  })
  for (const [signal, listener] of listeners) process.on(signal, listener)
  return () => {
    for (const [signal, listener] of listeners) process.removeListener(signal, listener)
  }
}

/** Whether a key pressed at our terminal reaches us, and so the command too, which is in our process group. */
function isInForeground() {
  try {
    // The name of the program is in parentheses and may hold any character.
    const [, fields] = fs.readFileSync('/proc/self/stat', 'latin1').match(/.*\) (.*)/s)
    const [, , processGroup, , , foregroundGroup] = fields.split(' ')
    return processGroup === foregroundGroup
  } catch {
    return [0, 1, 2].some((descriptor) => isatty(descriptor))
  }
}

module.exports = { forwardSignals }
