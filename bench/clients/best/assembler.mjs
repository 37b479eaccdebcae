/** Just enough of an assembler for WebAssembly to write a kernel in JavaScript: a function is a list of bytes. */

const I32 = 0x7f
const V128 = 0x7b
const TYPES = { i32: I32, v128: V128 }

export function unsigned(value) {
  const bytes = []
  do {
    const more = value > 0x7f
    bytes.push((value & 0x7f) | (more ? 0x80 : 0))
    value >>>= 7
  } while (value > 0)
  return bytes
}

function signed(value) {
  const bytes = []
  for (;;) {
    const low = value & 0x7f
    value >>= 7
    const done = (value === 0 && !(low & 0x40)) || (value === -1 && low & 0x40)
    bytes.push(done ? low : low | 0x80)
    if (done) return bytes
  }
}

const plain = (opcode) => () => [opcode]
const memory = (opcode) => (offset, align) => [...opcode, align, ...unsigned(offset)]
const simd = (opcode) => [0xfd, ...unsigned(opcode)]
const lanes = (opcode) => () => simd(opcode)

export const i32 = {
  const: (value) => [0x41, ...signed(value | 0)],
  load: (offset = 0) => memory([0x28])(offset, 2),
  load8: (offset = 0) => memory([0x2d])(offset, 0),
  store: (offset = 0) => memory([0x36])(offset, 2),
  eqz: plain(0x45),
  eq: plain(0x46),
  ne: plain(0x47),
  ltU: plain(0x49),
  gtU: plain(0x4b),
  popcnt: plain(0x69),
  add: plain(0x6a),
  sub: plain(0x6b),
  mul: plain(0x6c),
  and: plain(0x71),
  or: plain(0x72),
  shl: plain(0x74),
  shrU: plain(0x76),
}

export const v128 = {
  load: (offset = 0) => memory(simd(0x00))(offset, 0),
  store: (offset = 0) => memory(simd(0x0b))(offset, 0),
  const: (bytes) => [...simd(0x0c), ...bytes],
  shuffle: (bytes) => [...simd(0x0d), ...bytes],
  swizzle: lanes(0x0e),
  load32Splat: (offset = 0) => memory(simd(0x09))(offset, 2),
  and: lanes(0x4e),
  or: lanes(0x50),
  xor: lanes(0x51),
  bitselect: lanes(0x52),
  anyTrue: lanes(0x53),
}

export const i8x16 = {
  splat: lanes(0x0f),
  eq: lanes(0x23),
  bitmask: lanes(0x64),
  shrU: lanes(0x6d),
  add: lanes(0x6e),
}

export const i16x8 = { shl: lanes(0x8b), shrU: lanes(0x8d) }

export const i32x4 = {
  splat: lanes(0x11),
  shl: lanes(0xab),
  shrU: lanes(0xad),
  add: lanes(0xae),
  dot: lanes(0xba),
}

const index = (opcode) => (number) => [opcode, ...unsigned(number)]
export const get = index(0x20)
export const set = index(0x21)
export const tee = index(0x22)
export const call = index(0x10)
/** Runs `body` while the condition at its end holds. */
export const repeatWhile = (body, condition) => [0x03, 0x40, ...body, ...condition, 0x0d, 0x00, 0x0b]
export const when = (condition, then) => [...condition, 0x04, 0x40, ...then, 0x0b]
export const returnValue = (value) => [...value, 0x0f]

const section = (id, content) => [id, ...unsigned(content.length), ...content]
const vector = (items) => [...unsigned(items.length), ...items.flat()]
const name = (text) => vector([...Buffer.from(text)].map((byte) => [byte]))

/**
 * A module with one memory, which it exports.
 *
 * @param {{ name: string, takes: number, gives: boolean, locals: string[], body: number[] }[]} functions take `i32` only
 */
export function assemble(functions) {
  const types = functions.map(({ takes, gives }) => [
    0x60,
    ...vector(Array.from({ length: takes }, () => [I32])),
    ...vector(gives ? [[I32]] : []),
  ])
  const code = functions.map(({ locals, body }) => {
    const content = [...vector(locals.map((type) => [1, TYPES[type]])), ...body, 0x0b]
    return [...unsigned(content.length), ...content]
  })
  const exported = functions.map((one, at) => [...name(one.name), 0x00, ...unsigned(at)])
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, at) => unsigned(at)))),
    ...section(5, vector([[0x00, 0x01]])),
    ...section(7, vector([...exported, [...name('memory'), 0x02, 0x00]])),
    ...section(10, concatenated(vector2(code))),
  ])
}

/** The code is too long to be spread into arguments. */
const vector2 = (items) => [unsigned(items.length), ...items]
function concatenated(parts) {
  const all = []
  for (const part of parts) for (const byte of part) all.push(byte)
  return all
}
