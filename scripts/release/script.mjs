/** What the scripts of a release have in common. */

import { fail } from '../setup.mjs'

/** Does the work of a script. What goes wrong is said without a stack, once everything is cleaned up. */
export async function script(work) {
  try {
    await work()
  } catch (error) {
    fail(error.message)
  }
}
