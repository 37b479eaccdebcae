/** The curve: how the time of a warm list grows with its length, both axes logarithmic, as SVG. */

const WIDTH = 760
const HEIGHT = 460
const LEFT = 70
const RIGHT = 110
const TOP = 40
const BOTTOM = 50
const CLIENTS = { ours: '#0a7d4f', best: '#c46a00', plain: '#7a4fbf' }
const NAMES = { ours: 'ours', best: 'best JS', plain: 'plain' }

/** @param {Record<string, { ours: { median: number } }>} results */
export function curve(results) {
  const lists = Object.entries(results)
    .map(([name, result]) => ({ count: Number(/^list-(\d+)-warm$/.exec(name)?.[1]), result }))
    .filter(({ count }) => count)
    .sort((a, b) => a.count - b.count)
  const times = lists.flatMap(({ result }) => Object.keys(CLIENTS).map((client) => result[client]?.median))
  const known = times.filter((time) => time > 0)
  const x = scale(lists[0].count, lists.at(-1).count, LEFT, WIDTH - RIGHT)
  const [least, most] = [
    10 ** Math.floor(Math.log10(Math.min(...known))),
    10 ** Math.ceil(Math.log10(Math.max(...known))),
  ]
  const y = scale(least, most, HEIGHT - BOTTOM, TOP)
  const parts = [
    ...grid(x, y, lists, least, most),
    ...Object.keys(CLIENTS).flatMap((client) => line(client, lists, x, y)),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>
<text x="${LEFT}" y="20" font-size="14">A warm list, every field read: milliseconds by secrets</text>
${parts.join('\n')}
</svg>
`
}

function scale(least, most, from, to) {
  const span = Math.log10(most / least)
  return (value) => round(from + (Math.log10(value / least) / span) * (to - from))
}

const round = (value) => Math.round(value * 10) / 10

function grid(x, y, lists, least, most) {
  const parts = []
  for (let time = least; time <= most; time *= 10) {
    parts.push(`<path d="M${LEFT} ${y(time)}H${WIDTH - RIGHT}" stroke="#ddd"/>`)
    parts.push(`<text x="${LEFT - 8}" y="${y(time) + 4}" text-anchor="end">${round(time)} ms</text>`)
  }
  for (const { count } of lists) {
    parts.push(`<path d="M${x(count)} ${TOP}V${HEIGHT - BOTTOM}" stroke="#eee"/>`)
    const label = count.toLocaleString('en')
    parts.push(`<text x="${x(count)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${label}</text>`)
  }
  return parts
}

function line(client, lists, x, y) {
  const points = lists
    .filter(({ result }) => result[client])
    .map(({ count, result }) => [x(count), y(result[client].median)])
  if (points.length === 0) return []
  const color = CLIENTS[client]
  const [endX, endY] = points.at(-1)
  return [
    `<polyline points="${points.map((point) => point.join(',')).join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>`,
    ...points.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${color}"/>`),
    `<text x="${endX + 10}" y="${endY + 4}" fill="${color}">${NAMES[client]}</text>`,
  ]
}
