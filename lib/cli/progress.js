'use strict'

const WIDTH = 24

/** A bar on stderr that is drawn again as the work goes on. Where nobody looks, nothing is drawn. */
class ProgressBar {
  #stream
  #label
  #drawn = ''

  constructor(label, stream = process.stderr) {
    this.#label = label
    this.#stream = stream
  }

  update(done, total) {
    if (!this.#stream.isTTY) return
    const filled = total === 0 ? WIDTH : Math.floor((done / total) * WIDTH)
    const line = `${this.#label} [${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${done}/${total}`
    if (line === this.#drawn) return
    this.#drawn = line
    this.#stream.write(`\r${line}`)
  }

  /** Takes the bar away, so that what is written next has the line to itself. */
  clear() {
    if (this.#drawn !== '') this.#stream.write(`\r${' '.repeat(this.#drawn.length)}\r`)
    this.#drawn = ''
  }
}

module.exports = { ProgressBar }
