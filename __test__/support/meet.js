'use strict'

/** Blocks this thread until two threads are here. `gate` is an `Int32Array` on shared memory, of one zero. */
function meet(gate) {
  Atomics.add(gate, 0, 1)
  Atomics.notify(gate, 0)
  while (Atomics.load(gate, 0) < 2) Atomics.wait(gate, 0, 1)
}

module.exports = { meet }
