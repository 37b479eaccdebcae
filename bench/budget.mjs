/** The guard: what was reached may not be lost again. Ratios are kept, because times are those of one machine. */

/** A loss that a noisy machine explains. */
const TOLERANCE = 0.2

/** Numbers that are the same on each machine. */
const EXACT = /(round-trips|requests|^size)$/

/** What of a run is worth guarding. */
export function budgetOf(results) {
  const budget = {}
  for (const [name, result] of Object.entries(results)) {
    const isExact = EXACT.test(name)
    const ratios = ['best', 'plain'].filter((client) => result[client] && !isExact)
    const entries = ratios.map((client) => [client, round(result[client].ratio)])
    if (isExact) entries.push(['ours', round(result.ours.median)])
    if (entries.length > 0) budget[name] = Object.fromEntries(entries)
  }
  return budget
}

const round = (value) => Number(value.toPrecision(3))

/** The losses of a run, in words. A row that was not measured is none. */
export function losses(results, budget) {
  const found = []
  for (const [name, expected] of Object.entries(budget)) {
    const result = results[name]
    if (!result) continue
    for (const [client, value] of Object.entries(expected)) {
      if (client === 'ours') {
        const { median } = result.ours
        if (median > value * (1 + TOLERANCE))
          found.push(`${name}: ${round(median)}, and the budget is ${value}`)
      } else if (!(result[client]?.ratio >= value * (1 - TOLERANCE))) {
        const now = result[client] ? round(result[client].ratio) : 'not measured'
        found.push(`${name}: ${now} times ${client}, and the budget is ${value}`)
      }
    }
  }
  return found
}
