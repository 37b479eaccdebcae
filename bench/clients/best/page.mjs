/** Opens a page at once: one call of AES for all fields, everything else in the kernel. Every MAC is verified first. */

import { createDecipheriv } from 'node:crypto'
import { isAscii } from 'node:buffer'

import { FREE, INITIAL, INNER, OUTER, RECORD, STATE, WORDS, makeKernel } from './kernel.mjs'

const SLACK = 64
const FIELDS = ['key', 'value', 'description']
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const IV = Buffer.alloc(16)

export class PageOpener {
  #kernel = makeKernel()
  #aesKey
  /** Sealed names of environments, which repeat: each is verified and opened once for a list. */
  #environments = new Map()

  constructor({ aes, mac }) {
    this.#aesKey = aes
    this.#setPad(INNER, mac, 0x36)
    this.#setPad(OUTER, mac, 0x5c)
  }

  #setPad(at, key, pad) {
    const { load, compress, reset, memory } = this.#kernel
    const block = Buffer.alloc(64, pad)
    key.forEach((byte, index) => (block[index] ^= byte))
    new Uint32Array(memory.buffer, at, 8).set(INITIAL)
    Buffer.from(memory.buffer).set(block, FREE)
    reset(at)
    for (let part = 0; part < 4; part++) {
      const from = FREE + 16 * part
      load(from, from, from, from, WORDS + 64 * part)
    }
    compress()
    const state = new Uint32Array(memory.buffer, STATE, 32)
    new Uint32Array(memory.buffer, at, 8).set(Array.from({ length: 8 }, (_, word) => state[4 * word]))
  }

  /** The secrets of a page. */
  open(items) {
    const sealed = this.#collect(items)
    const texts = sealed.length > 0 ? this.#openAll(sealed) : []
    let next = 0
    const names = new Map(this.#environments)
    for (const [name, text] of names) if (text === undefined) this.#environments.set(name, texts[next++])
    return items.map((item) => {
      const text = (field) => (item[field] ? texts[next++] : '')
      return {
        id: item.id,
        key: text('key'),
        value: text('value'),
        description: text('description'),
        environmentName: item.environment_name ? this.#environments.get(item.environment_name) : null,
        environmentId: item.environment_id,
        projectId: item.project_id,
        creationDate: item.creation_date,
        revisionDate: item.revision_date,
        updatedDate: item.updated_date,
      }
    })
  }

  #collect(items) {
    const sealed = []
    for (const { environment_name: name } of items) {
      if (name && !this.#environments.has(name)) {
        this.#environments.set(name, undefined)
        sealed.push(name)
      }
    }
    for (const item of items) for (const field of FIELDS) if (item[field]) sealed.push(item[field])
    return sealed
  }

  #openAll(sealed) {
    const count = sealed.length
    const joined = sealed.join('')
    const table = FREE
    const input = table + RECORD * count
    const messages = (input + joined.length + SLACK + 63) & ~63
    // A block more for each than its characters need.
    const room = joined.length + 64 * count + SLACK
    const macs = messages + room
    const plain = macs + 32 * count + SLACK
    this.#grow(plain + room)
    const { memory, prepare, unpad } = this.#kernel
    const bytes = Buffer.from(memory.buffer)
    const records = new Int32Array(memory.buffer, table, (RECORD / 4) * count)
    // EncStrings are ASCII. Anything else is written as a byte that no EncString has, or as one that its MAC refuses.
    bytes.latin1Write(joined, input)
    let from = input
    for (let at = 0; at < count; at++) {
      records[6 * at] = from
      from += records[6 * at + 1] = sealed[at].length
    }
    if (prepare(table, count, messages, macs)) throw new Error('this is no EncString')
    this.#verify(records, count, macs)
    const end = records[6 * count - 4] + 64 * records[6 * count - 2]
    const decipher = createDecipheriv('aes-256-cbc', this.#aesKey, IV).setAutoPadding(false)
    // The IV stands before each ciphertext, where CBC takes it from. What comes out in its place is not looked at.
    bytes.set(decipher.update(bytes.subarray(messages, end)), plain)
    if (unpad(table, count, plain - messages, messages)) throw new Error('the padding is wrong')
    return this.#texts(records, count, bytes)
  }

  /** Four messages of as many blocks at a time. */
  #verify(records, count, macs) {
    const waiting = new Map()
    let wrong = 0
    const flush = ([a, b, c, d], blocks) => {
      const message = (at) => records[6 * at + 2]
      const mac = (at) => macs + 32 * at
      wrong |= this.#kernel.verify(
        message(a),
        message(b),
        message(c),
        message(d),
        blocks,
        mac(a),
        mac(b),
        mac(c),
        mac(d),
      )
    }
    for (let at = 0; at < count; at++) {
      const blocks = records[6 * at + 4]
      let four = waiting.get(blocks)
      if (!four) waiting.set(blocks, (four = []))
      if (four.push(at) === 4) {
        flush(four, blocks)
        four.length = 0
      }
    }
    for (const [blocks, four] of waiting) {
      if (four.length > 0)
        flush(
          Array.from({ length: 4 }, (_, at) => four[at] ?? four[0]),
          blocks,
        )
    }
    if (wrong) throw new Error('a MAC does not match')
  }

  #texts(records, count, bytes) {
    const start = records[0]
    const end = records[6 * count - 6] + records[6 * count - 5]
    const texts = new Array(count)
    const packed = bytes.subarray(start, end)
    if (isAscii(packed)) {
      const all = packed.latin1Slice()
      for (let at = 0; at < count; at++) {
        const from = records[6 * at] - start
        texts[at] = all.slice(from, from + records[6 * at + 1])
      }
    } else {
      for (let at = 0; at < count; at++) {
        texts[at] = utf8.decode(bytes.subarray(records[6 * at], records[6 * at] + records[6 * at + 1]))
      }
    }
    // No plaintext stays behind for the next page.
    bytes.fill(0, start, end)
    return texts
  }

  #grow(size) {
    const { memory } = this.#kernel
    const missing = size - memory.buffer.byteLength
    if (missing > 0) memory.grow(Math.ceil(missing / 65536))
  }

  /** To be called when a list is over. */
  forget() {
    this.#environments.clear()
  }
}
