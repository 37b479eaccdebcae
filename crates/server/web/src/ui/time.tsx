import { useEffect, useState } from 'preact/hooks'

import type { Seconds } from '../api'
import { Store, useStore } from '../store'

const UNITS = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'long' })

const now = new Store(Date.now())
setInterval(() => (now.value = Date.now()), 20_000)

/** `3 hours ago`, or what the clock of the server makes of it. */
export function relativeTime(date: Seconds, nowInMs: number): string {
  const seconds = date - nowInMs / 1000
  const [unit, length] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? []
  if (unit === undefined) return seconds > 30 ? 'in a moment' : 'just now'
  return relative.format(Math.trunc(seconds / length), unit)
}

/** How long ago, with the exact time for those who point at it and for machines. */
export function Time({ date }: { date: Seconds }) {
  const ticking = useStore(now)
  // What has just been made is younger than the last tick.
  const [mounted] = useState(Date.now)
  useEffect(() => void (now.value = Date.now()), [date])
  const moment = new Date(date * 1000)
  return (
    <time dateTime={moment.toISOString()} title={exact.format(moment)}>
      {relativeTime(date, Math.max(ticking, mounted))}
    </time>
  )
}
