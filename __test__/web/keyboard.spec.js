'use strict'

/** Everything without a mouse. */

const { readClipboard } = require('./support/access-keys')
const { expect, sdk, test } = require('./support/test')

/** Presses Tab until `target` has the focus, which must then be seen. */
async function tabTo(page, target) {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      expect(await isMarked(target), 'the focus can be seen').toBe(true)
      return
    }
    await page.keyboard.press('Tab')
  }
  throw new Error(`60 times Tab, and ${target} has no focus`)
}

/** A radio button's focus is shown by the box around it. */
function isMarked(target) {
  return target.evaluate((element) => {
    const outlined = (each) => getComputedStyle(each).outlineStyle !== 'none'
    return outlined(element) || outlined(element.closest('label') ?? element)
  })
}

async function press(page, target, key = 'Enter') {
  await tabTo(page, target)
  await page.keyboard.press(key)
}

test('sign in, create an access key, and find the focus where it was', async ({ page, server, secrets }) => {
  await page.goto(server.url)
  await expect(page.getByLabel('Email address')).toBeFocused()
  await page.keyboard.type(server.account.email)
  await tabTo(page, page.getByLabel('Master password', { exact: true }))
  await page.keyboard.type(server.account.masterPassword)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Projects' })).toBeVisible()

  await test.step('the first Tab skips to the content', async () => {
    await page.evaluate(() => document.activeElement?.blur())
    await press(page, page.getByRole('link', { name: 'Skip to the content' }))
    await expect(page.getByRole('main')).toBeFocused()
    expect(new URL(page.url()).hash).toBe('')
    await press(page, page.getByRole('link', { name: /dev/ }).last())
    await expect(page.getByRole('heading', { name: 'Secrets' })).toBeVisible()
    await press(page, page.getByRole('link', { name: 'Access keys' }))
    await expect(page.getByRole('heading', { name: 'Access keys' })).toBeFocused()
  })

  await test.step('delete the Read key, to make room', async () => {
    const id = server.readOnly.accessKeyId
    await press(page, page.getByRole('button', { name: `Delete the access key ${id}` }))
    await expect(page.getByLabel('Type the access key ID')).toBeFocused()
    await page.keyboard.type(id)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog')).toHaveCount(0)
    // Its button is gone, so the focus is at the beginning of the content.
    await expect(page.getByRole('main')).toBeFocused()
  })

  await test.step('Escape leaves a dialog, and the focus goes back', async () => {
    const create = page.getByRole('button', { name: 'Create access key' })
    await press(page, create)
    await expect(page.getByRole('dialog')).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await expect(create).toBeFocused()
  })

  await test.step('create', async () => {
    const dialog = page.getByRole('dialog')
    // Once in many runs the page did not take the key that came right after the one before.
    await expect(async () => {
      await page.keyboard.press('Enter')
      await expect(dialog).toBeVisible({ timeout: 3000 })
    }).toPass()
    await tabTo(page, dialog.getByRole('radio').first())
    await page.keyboard.press('ArrowDown')
    await expect(dialog.getByRole('radio', { name: 'Read & Write' })).toBeChecked()
    await press(page, dialog.getByRole('button', { name: 'Create access key' }))
    const copy = (what) => dialog.getByRole('button', { name: `Copy: ${what}` })
    await press(page, copy('the access key id'), 'Space')
    await expect(dialog.getByRole('status')).toContainText('Copied the access key id')
    const id = await readClipboard(page)
    await press(page, copy('the access key secret'))
    await expect(dialog.getByRole('status')).toContainText('Copied the access key secret')
    const secret = await readClipboard(page)
    secrets.push(secret)
    await press(page, dialog.getByRole('button', { name: 'Done' }))
    await expect(page.getByText('2 of 2 active')).toBeVisible()
    await sdk(server, { id, secret }).create({ key: 'A', value: '1' })
  })

  await test.step('the focus does not leave an open dialog', async () => {
    await press(page, page.getByRole('button', { name: 'Create access key' }))
    for (let presses = 0; presses < 15; presses += 1) {
      await page.keyboard.press('Tab')
      const behind = await page.evaluate(() => document.activeElement.closest('main, header') !== null)
      const inside = await page.evaluate(() => document.activeElement.closest('dialog') !== null)
      expect(behind && !inside).toBe(false)
    }
  })
})
