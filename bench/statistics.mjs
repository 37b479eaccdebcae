/** Medians and percentiles. */

export function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b)
  const place = ((sorted.length - 1) * percent) / 100
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  return low + (high - low) * (place % 1)
}

export const median = (values) => percentile(values, 50)

/**
 * What the samples of one client say. Each comes from a process of its own, and is one number or many.
 *
 * @param {(number | number[])[]} samples
 */
export function summary(samples) {
  const all = samples.flat()
  return { median: median(samples.map(middle)), p99: percentile(all, 99), samples: all.length }
}

/** How often `one` goes into `other`, of pairs that ran one after the other: the machine drifts, and both drift with it. */
export function ratio(other, one) {
  const pairs = Math.min(other.length, one.length)
  return median(Array.from({ length: pairs }, (_, at) => middle(other[at]) / middle(one[at])))
}

const middle = (sample) => median([sample].flat())
