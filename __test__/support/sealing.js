'use strict'

/** The cryptography of the protocol, made by hand: for answers that no real server gives. */

const { createCipheriv, createHmac, createDecipheriv, randomBytes } = require('node:crypto')

const IV_LENGTH = 16
const KEY_LENGTH = 32

/** The 64 bytes that the secret of an access key stands for. */
function accessKeyBytes(accessKeySecret) {
  const expand = (info) =>
    createHmac('sha256', Buffer.from(accessKeySecret, 'base64')).update(info).update(Buffer.of(1)).digest()
  return Buffer.concat([expand('enc'), expand('mac')])
}

function halves(key) {
  return [key.subarray(0, KEY_LENGTH), key.subarray(KEY_LENGTH)]
}

/** An EncString under a key of 64 bytes. */
function seal(key, content) {
  const [encryptionKey, macKey] = halves(key)
  const iv = randomBytes(IV_LENGTH)
  const cipher = createCipheriv('aes-256-cbc', encryptionKey, iv)
  const ciphertext = Buffer.concat([cipher.update(content), cipher.final()])
  const mac = createHmac('sha256', macKey).update(iv).update(ciphertext).digest()
  return `2.${[iv, ciphertext, mac].map((part) => part.toString('base64')).join('|')}`
}

/** What an EncString holds. */
function open(key, encString) {
  const [encryptionKey] = halves(key)
  const [iv, ciphertext] = parts(encString)
  const decipher = createDecipheriv('aes-256-cbc', encryptionKey, iv)
  return Buffer.concat([decipher.update(ciphertext), decipher.final()])
}

/** The iv, the ciphertext and the MAC of an EncString. */
function parts(encString) {
  return encString
    .slice(2)
    .split('|')
    .map((part) => Buffer.from(part, 'base64'))
}

/** An EncString with one bit of one part flipped: 0 is the iv, 1 the ciphertext, 2 the MAC. */
function withFlippedBit(encString, part) {
  const changed = parts(encString)
  changed[part][0] ^= 1
  return `2.${changed.map((bytes) => bytes.toString('base64')).join('|')}`
}

module.exports = { accessKeyBytes, open, parts, seal, withFlippedBit }
