/** What a run says: results of rows, as a table and as text for `RESULTS.md`. */

import { ratio, summary } from './statistics.mjs'

/** The clients that stand beside ours in the table. */
const OTHERS = ['best', 'plain', 'bitwarden', 'aws', 'infisical']

/**
 * @param {object} row of `rows.mjs`
 * @param {Record<string, object[]>} samples by client
 * @param {number} pace of this machine, as `pace.mjs` has it
 */
export function resultOf(row, samples, pace) {
  const valuesOf = (client) => samples[client]?.map((sample) => sample[row.metric]) ?? []
  const result = { title: row.title, unit: row.unit }
  for (const client of ['ours', ...OTHERS]) {
    const values = valuesOf(client)
    if (values.length === 0) continue
    result[client] = summary(values)
    if (client === 'ours') continue
    const [better, worse] = row.more ? [values, valuesOf('ours')] : [valuesOf('ours'), values]
    result[client].ratio = ratio(worse, better)
  }
  result.targets = (row.targets ?? [])
    .filter(({ over }) => !over || result[over])
    .map((target) => judge(target, result, isTime(row) ? pace : 1))
  return result
}

const isTime = ({ unit }) => ['ms', 'µs', '/s', 'M/s'].includes(unit)

function judge({ over, times, atMost, atLeast }, result, pace) {
  const { median } = result.ours
  if (over) return { text: `${times}× ${over}`, isMet: result[over].ratio >= times }
  if (atMost !== undefined) return { text: `≤ ${atMost}`, isMet: median <= atMost * pace }
  return { text: `≥ ${atLeast}`, isMet: median >= atLeast / pace }
}

const digits = (value) => (value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3)

export function number(value) {
  if (value === undefined) return ''
  if (Number.isInteger(value)) return value.toLocaleString('en')
  const places = digits(Math.abs(value))
  return value.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places })
}

const HEAD = ['row', 'unit', 'ours', 'p99', 'best JS', '×', 'plain', '×', 'Bitwarden', '×', 'target', '']

function cells({ title, unit, ours, best, plain, bitwarden, aws, infisical, targets }) {
  const pair = (client) => [number(client?.median), client ? number(client.ratio) : '']
  const others = aws ? ` (AWS ${number(aws.median)}, Infisical ${number(infisical.median)})` : ''
  return [
    title + others,
    unit,
    number(ours.median),
    ours.samples > 1 ? number(ours.p99) : '',
    ...pair(best),
    ...pair(plain),
    ...pair(bitwarden),
    targets.map(({ text }) => text).join(', '),
    targets.length === 0 ? '' : targets.every(({ isMet }) => isMet) ? 'met' : 'MISSED',
  ]
}

/** @param {Record<string, ReturnType<typeof resultOf>>} results */
export function table(results) {
  const rows = [HEAD, ...Object.values(results).map(cells)]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const line = (row) =>
    row.map((cell, column) => (isText(column) ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
  const lines = rows.map((row) => `| ${line(row).join(' | ')} |`)
  const rule = `| ${widths.map((width, column) => (isText(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [lines[0], rule, ...lines.slice(1)].join('\n')
}

const isText = (column) => [0, 1, 10, 11].includes(column)
