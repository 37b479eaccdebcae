'use strict'

/** What a person does on the screen of the access keys. */

const { expect } = require('@playwright/test')

/** The row of an access key. */
function row(page, id) {
  return page.getByRole('row').filter({ hasText: id })
}

/** Presses one of the buttons of an access key, and gives the dialog that opens. */
async function open(page, id, verb) {
  await row(page, id).getByRole('button', { name: verb, exact: false }).filter({ hasText: verb }).click()
  return page.getByRole('dialog')
}

/** Presses a button of the dialog, after which the dialog closes. */
async function finish(page, name) {
  await page.getByRole('dialog').getByRole('button', { name, exact: true }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
}

/** The page itself may write to the clipboard only, so another one reads. */
async function readClipboard(page) {
  const reader = await page.context().newPage()
  await reader.goto(new URL('/healthz', page.url()).href)
  const text = await reader.evaluate(() => navigator.clipboard.readText())
  await reader.close()
  return text
}

/** Takes the id and the secret out of the dialog that shows them once, by its buttons, and closes it. */
async function takeCredentials(page, secrets) {
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('not shown again')
  const copy = async (what) => {
    await dialog.getByRole('button', { name: `Copy: ${what}` }).click()
    await expect(dialog.getByRole('status')).toContainText(`Copied ${what}`)
    return readClipboard(page)
  }
  const credentials = { id: await copy('the access key id'), secret: await copy('the access key secret') }
  secrets.push(credentials.secret)
  return credentials
}

module.exports = { finish, open, readClipboard, row, takeCredentials }
