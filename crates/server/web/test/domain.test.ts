import { expect, it } from 'vitest'

import { firstWrongLine, isAddressOrNetwork, splitLines } from '../src/domain/ip-restriction'
import { relativeTime } from '../src/ui/time'

it('tells addresses and networks from what is neither', () => {
  for (const text of [
    '203.0.113.7',
    '0.0.0.0/0',
    '10.0.0.0/8',
    '192.0.2.1/32',
    '::1',
    '::/0',
    '2001:db8::/32',
    '2001:DB8::1/128',
    '::ffff:192.0.2.1',
  ])
    expect(isAddressOrNetwork(text), text).toBe(true)
  for (const text of [
    '',
    'localhost',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.01',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    ' 10.0.0.1',
    '2001:db8::/129',
    '2001:db8:::1',
    '[::1]',
    'fe80::1%eth0',
    'abcd',
    '::1]/x[',
  ])
    expect(isAddressOrNetwork(text), text).toBe(false)
})

it('reads one address per line, and names the first that is wrong', () => {
  const lines = splitLines(' 10.0.0.1 \n\n2001:db8::/32, 10.0.0.300\r\nnowhere')
  expect(lines).toEqual(['10.0.0.1', '2001:db8::/32', '10.0.0.300', 'nowhere'])
  expect(firstWrongLine(lines)).toBe('10.0.0.300')
  expect(firstWrongLine(lines.slice(0, 2))).toBeUndefined()
})

it('says how long ago something was', () => {
  const now = 1_800_000_000
  const ago = (seconds: number) => relativeTime(now - seconds, now * 1000)
  expect(ago(0)).toBe('just now')
  expect(ago(59)).toBe('just now')
  expect(ago(60)).toBe('1 minute ago')
  expect(ago(3 * 3600 + 1)).toBe('3 hours ago')
  expect(ago(86_400)).toBe('yesterday')
  expect(ago(9 * 86_400)).toBe('last week')
  expect(ago(400 * 86_400)).toBe('last year')
  // The clock of the server may be ahead.
  expect(ago(-5)).toBe('just now')
  expect(ago(-7200)).toBe('in 2 hours')
})
