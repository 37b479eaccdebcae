/**
 * The kernel of the strongest JavaScript client, in SIMD: base64, and HMAC-SHA256 of four messages at once.
 *
 * A record of `TABLE` has six words for each field: where its EncString begins and how long it is, and, from `prepare`,
 * where its message (IV and ciphertext, padded for SHA-256) begins, the length of the ciphertext, and its number of blocks;
 * from `unpad`, where its plaintext begins and how long it is, in the two first words.
 */

import {
  assemble,
  call,
  get,
  i16x8,
  i32,
  i32x4,
  i8x16,
  repeatWhile,
  returnValue,
  set,
  tee,
  v128,
  when,
} from './assembler.mjs'

export const RECORD = 24
/** Eight words each: SHA-256 after the inner and the outer pad of the key. */
export const INNER = 0
export const OUTER = 32
/** 16 vectors of the message, 8 of the state, 8 of the expected MAC. */
const WORDS = 64
const STATE = WORDS + 256
const EXPECTED = STATE + 128
export const FREE = EXPECTED + 128

const bytes = (...given) => Array.from({ length: 16 }, (_, at) => given[at % given.length] & 0xff)
const SWAP_WORDS = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12]

/** The fractions of the cube roots, and of the square roots, of the first primes (FIPS 180-4, section 4.2.2). */
const primes = []
for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n)
const fraction = (root) => Math.floor((root - Math.floor(root)) * 2 ** 32) | 0
const K = primes.map((prime) => fraction(Math.cbrt(prime)))
export const INITIAL = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)))

/** load(p0, p1, p2, p3, to): four words of each message, transposed, so that a vector holds one word of all four. */
function load() {
  const [row, mixed] = [(at) => 5 + at, (at) => 9 + at]
  const low = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23]
  const high = low.map((byte) => byte + 8)
  const firstHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]
  const lastHalves = firstHalves.map((byte) => byte + 8)
  const shuffle = (a, b, order) => [...get(a), ...get(b), ...v128.shuffle(order)]
  const rows = [0, 1, 2, 3].flatMap((at) => [
    ...get(at),
    ...v128.load(),
    ...get(at),
    ...v128.load(),
    ...v128.shuffle(SWAP_WORDS),
    ...set(row(at)),
  ])
  const pairs = [
    [0, 1, low],
    [2, 3, low],
    [0, 1, high],
    [2, 3, high],
  ].flatMap(([a, b, order], at) => [...shuffle(row(a), row(b), order), ...set(mixed(at))])
  const words = [
    [0, 1, firstHalves],
    [0, 1, lastHalves],
    [2, 3, firstHalves],
    [2, 3, lastHalves],
  ].flatMap(([a, b, order], at) => [...get(4), ...shuffle(mixed(a), mixed(b), order), ...v128.store(16 * at)])
  return {
    name: 'load',
    takes: 5,
    gives: false,
    locals: Array(8).fill('v128'),
    body: [...rows, ...pairs, ...words],
  }
}

/** compress(): one block of four messages, from WORDS into STATE (FIPS 180-4, section 6.2.2). */
function compress() {
  const word = (at) => at & 15
  // The state turns by one name each round instead of being moved.
  const state = (letter, round) => 16 + ((letter - round) & 7)
  const [X, Y] = [24, 25]
  const rotated = (local, by) => [
    ...[...get(local), ...i32.const(by), ...i32x4.shrU()],
    ...[...get(local), ...i32.const(32 - by), ...i32x4.shl()],
    ...v128.or(),
  ]
  const shifted = (local, by) => [...get(local), ...i32.const(by), ...i32x4.shrU()]
  const xor3 = (a, b, c) => [...a, ...b, ...v128.xor(), ...c, ...v128.xor()]
  const add = i32x4.add()

  const body = []
  const emit = (...code) => body.push(...code.flat())
  for (let at = 0; at < 16; at++) emit(i32.const(WORDS), v128.load(16 * at), set(word(at)))
  for (let at = 0; at < 8; at++) emit(i32.const(STATE), v128.load(16 * at), set(16 + at))
  for (let round = 0; round < 64; round++) {
    const [a, b, c, d, e, f, g, h] = Array.from({ length: 8 }, (_, letter) => state(letter, round))
    const w = word(round)
    if (round >= 16) {
      const [before15, before2] = [word(round - 15), word(round - 2)]
      emit(get(w), get(word(round - 7)), add)
      emit(xor3(rotated(before15, 7), rotated(before15, 18), shifted(before15, 3)), add)
      emit(xor3(rotated(before2, 17), rotated(before2, 19), shifted(before2, 10)), add, set(w))
    }
    emit(get(h), xor3(rotated(e, 6), rotated(e, 11), rotated(e, 25)), add)
    emit(get(f), get(g), get(e), v128.bitselect(), add)
    emit(i32.const(K[round]), i32x4.splat(), add, get(w), add, tee(X))
    emit(get(d), add, set(d))
    // Majority: of b and c what they agree on, else a.
    emit(get(a), get(b), get(b), get(c), v128.xor(), v128.bitselect(), set(Y))
    emit(get(X), get(Y), add, xor3(rotated(a, 2), rotated(a, 13), rotated(a, 22)), add, set(h))
  }
  for (let at = 0; at < 8; at++) {
    emit(i32.const(STATE), i32.const(STATE), v128.load(16 * at), get(16 + at), add, v128.store(16 * at))
  }
  return { name: 'compress', takes: 0, gives: false, locals: Array(26).fill('v128'), body }
}

const LOAD = 0
const COMPRESS = 1
const DECODE = 2
const RESET = 3

/** reset(from): the same state in all four lanes. */
function reset() {
  const body = Array.from({ length: 8 }, (_, at) => [
    ...i32.const(STATE),
    ...get(0),
    ...v128.load32Splat(4 * at),
    ...v128.store(16 * at),
  ]).flat()
  return { name: 'reset', takes: 1, gives: false, locals: [], body }
}

/** decode(from, characters, to): base64 of at least 16 characters and whole groups; gives what is wrong, or 0. */
function decode() {
  const [from, left, to, wrong, isLast, pads, chunk, high] = [0, 1, 2, 3, 4, 5, 6, 7]
  const nibble = (table, value) => [...v128.const(table), ...value, ...v128.swizzle()]
  const low = [...get(chunk), ...v128.const(bytes(0x0f)), ...v128.and()]
  const isPad = [...get(chunk), ...v128.const(bytes(0x3d)), ...i8x16.eq()]
  const isSlash = [...get(chunk), ...v128.const(bytes(0x2f)), ...i8x16.eq()]
  const LOW = [0x15, ...Array(9).fill(0x11), 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a]
  const HIGH = [0x10, 0x10, 1, 2, 4, 8, 4, 8, ...Array(8).fill(0x10)]
  const SHIFT = [0, 16, 19, 4, -65, -65, -71, -71, ...Array(8).fill(0)].map((value) => value & 0xff)
  const GROUPS = [2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 3, 3, 3, 3]
  const body = [
    // How many pads end it.
    ...[...get(from), ...get(left), ...i32.add(), ...tee(pads)],
    ...[...i32.const(1), ...i32.sub(), ...i32.load8(), ...i32.const(0x3d), ...i32.eq()],
    ...[...get(pads), ...i32.const(2), ...i32.sub(), ...i32.load8(), ...i32.const(0x3d), ...i32.eq()],
    ...[...i32.add(), ...set(pads)],
    ...repeatWhile(
      [
        // The last groups may be decoded twice.
        ...when(
          [...get(left), ...i32.const(17), ...i32.ltU(), ...tee(isLast)],
          [
            ...[...get(from), ...get(left), ...i32.add(), ...i32.const(16), ...i32.sub(), ...set(from)],
            ...[...get(to), ...i32.const(12), ...i32.sub()],
            ...[
              ...get(left),
              ...i32.const(2),
              ...i32.shrU(),
              ...i32.const(3),
              ...i32.mul(),
              ...i32.add(),
              ...set(to),
            ],
          ],
        ),
        ...[...get(from), ...v128.load(), ...set(chunk)],
        ...when(get(isLast), [
          ...[...get(wrong), ...isPad, ...i8x16.bitmask(), ...i32.popcnt(), ...get(pads), ...i32.ne()],
          ...[...i32.or(), ...set(wrong)],
          ...[...v128.const(bytes(0x41)), ...get(chunk), ...isPad, ...v128.bitselect(), ...set(chunk)],
        ]),
        ...[...get(chunk), ...i32.const(4), ...i8x16.shrU(), ...set(high)],
        ...[...get(wrong), ...nibble(LOW, low), ...nibble(HIGH, get(high)), ...v128.and()],
        ...[...v128.anyTrue(), ...i32.or(), ...set(wrong)],
        ...[...get(to), ...get(chunk)],
        ...nibble(SHIFT, [...get(high), ...isSlash, ...i8x16.add()]),
        ...[...i8x16.add(), ...tee(chunk)],
        ...[...i32.const(6), ...i16x8.shl(), ...v128.const(bytes(0xc0, 0x0f)), ...v128.and()],
        ...[...get(chunk), ...i32.const(8), ...i16x8.shrU(), ...v128.or()],
        ...[...v128.const(bytes(0x00, 0x10, 0x01, 0x00)), ...i32x4.dot(), ...set(chunk)],
        ...[...get(chunk), ...get(chunk), ...v128.shuffle(GROUPS), ...v128.store()],
        ...[...get(from), ...i32.const(16), ...i32.add(), ...set(from)],
        ...[...get(to), ...i32.const(12), ...i32.add(), ...set(to)],
        ...[...get(left), ...i32.const(16), ...i32.sub(), ...set(left)],
      ],
      [...get(isLast), ...i32.eqz()],
    ),
    ...get(wrong),
  ]
  return { name: 'decode', takes: 3, gives: true, locals: ['i32', 'i32', 'i32', 'v128', 'v128'], body }
}

/** prepare(table, count, to, macs): decodes every field; gives 0, or the number of the first that is no EncString. */
function prepare() {
  const [record, count, to, macs, number, from, length, size, end] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
  const character = (offset) => [...get(from), ...i32.load8(offset)]
  const wrongUnless = (code, wanted) => [...code, ...i32.const(wanted), ...i32.ne()]
  const fail = (condition) => when(condition, returnValue(get(number)))
  const fromEnd = (offset) => [...get(end), ...i32.const(offset), ...i32.sub(), ...i32.load8()]
  const characters = [...get(length), ...i32.const(72), ...i32.sub()]
  const isPad = (offset) => [...fromEnd(offset), ...i32.const(0x3d), ...i32.eq()]
  const body = repeatWhile(
    [
      ...[...get(number), ...i32.const(1), ...i32.add(), ...set(number)],
      ...[...get(record), ...i32.load(0), ...set(from)],
      ...[...get(record), ...i32.load(4), ...set(length)],
      ...[...get(from), ...get(length), ...i32.add(), ...set(end)],
      ...fail([...get(length), ...i32.const(96), ...i32.ltU()]),
      ...fail([...characters, ...i32.const(3), ...i32.and()]),
      ...fail(wrongUnless(character(0), 0x32)),
      ...fail(wrongUnless(character(1), 0x2e)),
      ...fail(wrongUnless(character(24), 0x3d)),
      ...fail(wrongUnless(character(25), 0x3d)),
      ...fail(wrongUnless(character(26), 0x7c)),
      ...fail(wrongUnless(fromEnd(45), 0x7c)),
      ...fail(wrongUnless(fromEnd(1), 0x3d)),
      ...fail([...isPad(2)]),
      // The ciphertext: whole blocks of 16.
      ...[...characters, ...i32.const(2), ...i32.shrU(), ...i32.const(3), ...i32.mul()],
      ...[...isPad(46), ...i32.sub(), ...isPad(47), ...i32.sub(), ...set(size)],
      ...fail([...get(size), ...i32.const(15), ...i32.and()]),
      ...fail([...get(size), ...i32.eqz()]),
      ...[...get(record), ...get(to), ...i32.store(8)],
      ...[...get(record), ...get(size), ...i32.store(12)],
      // The ends of decoded parts are written over by what comes next.
      ...fail([...get(from), ...i32.const(2), ...i32.add(), ...i32.const(24), ...get(to), ...call(DECODE)]),
      ...fail([
        ...[...get(from), ...i32.const(27), ...i32.add(), ...characters],
        ...[...get(to), ...i32.const(16), ...i32.add(), ...call(DECODE)],
      ]),
      ...fail([...get(end), ...i32.const(44), ...i32.sub(), ...i32.const(44), ...get(macs), ...call(DECODE)]),
      ...[...get(macs), ...i32.const(32), ...i32.add(), ...set(macs)],
      // From here `length` is the end of the message, and `end` that of its last block.
      ...[...get(to), ...get(size), ...i32.add(), ...i32.const(16), ...i32.add(), ...set(length)],
      ...[...get(size), ...i32.const(16), ...i32.add(), ...i32.const(6), ...i32.shrU(), ...i32.const(1)],
      ...[...i32.add(), ...set(end)],
      ...[...get(record), ...get(end), ...i32.store(16)],
      ...[...get(end), ...i32.const(6), ...i32.shl(), ...get(to), ...i32.add(), ...set(end)],
      ...[...get(length), ...v128.const([0x80, ...Array(15).fill(0)]), ...v128.store()],
      ...[...get(length), ...i32.const(16), ...i32.add(), ...set(length)],
      ...when(
        [...get(length), ...get(end), ...i32.ltU()],
        repeatWhile(
          [
            ...[...get(length), ...v128.const(bytes(0)), ...v128.store()],
            ...[...get(length), ...i32.const(16), ...i32.add(), ...set(length)],
          ],
          [...get(length), ...get(end), ...i32.ltU()],
        ),
      ),
      // Its length in bits, with the pad of the key and the IV, as a big-endian number of two bytes or three.
      ...[...get(size), ...i32.const(80), ...i32.add(), ...i32.const(3), ...i32.shl(), ...set(size)],
      ...[...get(end), ...i32.const(4), ...i32.sub()],
      ...[...get(size), ...i32.const(24), ...i32.shl()],
      ...[...get(size), ...i32.const(8), ...i32.shl(), ...i32.const(0xff0000), ...i32.and(), ...i32.or()],
      ...[...get(size), ...i32.const(8), ...i32.shrU(), ...i32.const(0xff00), ...i32.and(), ...i32.or()],
      ...[...get(size), ...i32.const(24), ...i32.shrU(), ...i32.or(), ...i32.store()],
      ...[...get(end), ...set(to)],
      ...[...get(record), ...i32.const(RECORD), ...i32.add(), ...set(record)],
    ],
    [...get(number), ...get(count), ...i32.ltU()],
  )
  const locals = Array(5).fill('i32')
  return { name: 'prepare', takes: 4, gives: true, locals, body: [...body, ...i32.const(0)] }
}

/** verify(m0, m1, m2, m3, blocks, t0, t1, t2, t3): whether a MAC of four differs from what is expected; in constant time. */
function verify() {
  const blocks = 4
  const messages = [0, 1, 2, 3]
  const macs = [5, 6, 7, 8]
  const difference = 9
  const moved = (locals, by) =>
    locals.flatMap((local) => [...get(local), ...i32.const(by), ...i32.add(), ...set(local)])
  const loaded = (locals, to) => [
    ...locals.flatMap(get),
    ...i32.const(to),
    ...call(LOAD),
    ...moved(locals, 16),
  ]
  const four = [0, 64, 128, 192].flatMap((part) => loaded(messages, WORDS + part))
  const body = [
    ...[...i32.const(INNER), ...call(RESET)],
    ...repeatWhile(
      [...four, ...call(COMPRESS), ...get(blocks), ...i32.const(1), ...i32.sub(), ...set(blocks)],
      get(blocks),
    ),
    // The outer hash is of one block: the digest, the end mark, and the length of 96 bytes.
    ...Array.from({ length: 8 }, (_, at) => [
      ...[...i32.const(WORDS), ...i32.const(STATE), ...v128.load(16 * at), ...v128.store(16 * at)],
      ...[
        ...i32.const(WORDS),
        ...v128.const(bytes(0, 0, 0, at === 0 ? 0x80 : 0)),
        ...v128.store(128 + 16 * at),
      ],
    ]).flat(),
    ...[...i32.const(WORDS), ...v128.const(bytes(0x00, 0x03, 0, 0)), ...v128.store(240)],
    ...[...i32.const(OUTER), ...call(RESET), ...call(COMPRESS)],
    ...loaded(macs, EXPECTED),
    ...loaded(macs, EXPECTED + 64),
    ...Array.from({ length: 8 }, (_, at) => [
      ...[...i32.const(STATE), ...v128.load(16 * at), ...i32.const(EXPECTED), ...v128.load(16 * at)],
      ...[...v128.xor(), ...get(difference), ...v128.or(), ...set(difference)],
    ]).flat(),
    ...[...get(difference), ...v128.anyTrue()],
  ]
  return { name: 'verify', takes: 9, gives: true, locals: ['v128'], body }
}

/** unpad(table, count, delta, to): packs the plaintexts, `delta` after their messages; 0, or the number of the first that is wrong. */
function unpad() {
  const [record, count, delta, to, number, from, size, pad, at] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
  const fail = (condition) => when(condition, returnValue(get(number)))
  const body = repeatWhile(
    [
      ...[...get(number), ...i32.const(1), ...i32.add(), ...set(number)],
      ...[
        ...get(record),
        ...i32.load(8),
        ...get(delta),
        ...i32.add(),
        ...i32.const(16),
        ...i32.add(),
        ...set(from),
      ],
      ...[...get(record), ...i32.load(12), ...set(size)],
      ...[
        ...get(from),
        ...get(size),
        ...i32.add(),
        ...i32.const(1),
        ...i32.sub(),
        ...i32.load8(),
        ...set(pad),
      ],
      ...fail([...get(pad), ...i32.const(1), ...i32.sub(), ...i32.const(15), ...i32.gtU()]),
      ...[...get(size), ...get(pad), ...i32.sub(), ...set(size)],
      ...[...get(from), ...get(size), ...i32.add(), ...set(at)],
      ...[...get(record), ...get(to), ...i32.store(0)],
      ...[...get(record), ...get(size), ...i32.store(4)],
      ...repeatWhile(
        [
          ...fail([...get(at), ...i32.load8(), ...get(pad), ...i32.ne()]),
          ...[...get(at), ...i32.const(1), ...i32.add(), ...set(at)],
        ],
        [...[...get(at), ...get(from), ...get(size), ...i32.add(), ...get(pad), ...i32.add(), ...i32.ltU()]],
      ),
      ...[...i32.const(0), ...set(at)],
      ...repeatWhile(
        [
          ...[...get(to), ...get(at), ...i32.add(), ...get(from), ...get(at), ...i32.add(), ...v128.load()],
          ...[...v128.store(), ...get(at), ...i32.const(16), ...i32.add(), ...set(at)],
        ],
        [...get(at), ...get(size), ...i32.ltU()],
      ),
      ...[...get(to), ...get(size), ...i32.add(), ...set(to)],
      ...[...get(record), ...i32.const(RECORD), ...i32.add(), ...set(record)],
    ],
    [...get(number), ...get(count), ...i32.ltU()],
  )
  return {
    name: 'unpad',
    takes: 4,
    gives: true,
    locals: Array(5).fill('i32'),
    body: [...body, ...i32.const(0)],
  }
}

/** The functions stand at the numbers that `call` names. */
export function makeKernel() {
  const module = new WebAssembly.Module(
    assemble([load(), compress(), decode(), reset(), prepare(), verify(), unpad()]),
  )
  return new WebAssembly.Instance(module).exports
}

export { STATE, WORDS }
