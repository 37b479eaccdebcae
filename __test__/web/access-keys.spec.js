'use strict'

/** The documentation of access keys, step by step: what the page does, and what it does to a program. */

const { readFileSync } = require('node:fs')

const { failure } = require('../support/outcome')
const { finish, open, row, takeCredentials } = require('./support/access-keys')
const { expect, openTab, sdk, shot, signIn, test } = require('./support/test')

const REFUSED = { name: 'AuthenticationError', statusCode: 401 }
const FORBIDDEN = { name: 'PermissionDeniedError', statusCode: 403 }

const read = (locker) => locker.get('GREETING', null, undefined, { fetch: true })
const write = (locker, key) => locker.create({ key, value: 'written by a program' })

test('an access key from its creation to its end', async ({ page, server, secrets }) => {
  const first = { id: server.accessKeyId, secret: server.accessKeySecret }
  const program = sdk(server, first)
  await program.create({ key: 'GREETING', value: 'hello' })

  await signIn(page, server)
  await openTab(page, server, 'Access keys')
  let key, user

  await test.step('at most two are active: a third is refused', async () => {
    await expect(page.getByText('2 of 2 active')).toBeVisible()
    await page.getByRole('button', { name: 'Create access key' }).click()
    const dialog = page.getByRole('dialog')
    await expect(dialog).toContainText('2 of 2 active')
    await dialog.getByRole('button', { name: 'Create access key' }).click()
    await expect(dialog.getByRole('alert')).toContainText('two active access keys already')
    await shot(page, '1-third-refused')
    await finish(page, 'Cancel')
    await expect(page.getByRole('row')).toHaveCount(3)
  })

  await test.step('deactivate: refused at once, also a program that has called before', async () => {
    expect(await read(program)).toBe('hello')
    const dialog = await open(page, first.id, 'Deactivate')
    await expect(dialog).toContainText(first.id)
    await shot(page, '2-deactivate')
    await finish(page, 'Deactivate')
    await expect(row(page, first.id)).toContainText('Inactive')
    await expect(page.getByText('1 of 2 active')).toBeVisible()
    expect(await failure(() => read(program))).toMatchObject(REFUSED)
  })

  await test.step('create: id and secret are shown once', async () => {
    await page.getByRole('button', { name: 'Create access key' }).click()
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByRole('radio', { name: 'Read', exact: false }).first()).toBeChecked()
    await shot(page, '3-create')
    await dialog.getByRole('button', { name: 'Create access key' }).click()
    await expect(dialog).toContainText('not shown again')
    await shot(page, '4-shown-once')
    key = await takeCredentials(page, secrets)
    expect(Buffer.from(key.secret, 'base64')).toHaveLength(32)
    await finish(page, 'Done')
    await expect(row(page, key.id)).toContainText('Active')
    await expect(page.locator('body')).not.toContainText(key.secret)
  })

  await test.step('Read: retrieves the secrets, and writes nothing', async () => {
    user = sdk(server, key)
    expect(await read(user)).toBe('hello')
    expect(await failure(() => write(user, 'TOO_EARLY'))).toMatchObject(FORBIDDEN)
    await page.reload()
    await unlock(page, server)
    await expect(row(page, key.id)).toContainText('just now')
  })

  await test.step('edit the permission: Read & Write also writes', async () => {
    const dialog = await open(page, key.id, 'Edit')
    await dialog.getByRole('radio', { name: 'Read & Write' }).check()
    await shot(page, '5-edit')
    await finish(page, 'Save')
    await expect(row(page, key.id)).toContainText('Read & Write')
    await write(user, 'WRITTEN')
    await openTab(page, server, 'Secrets')
    await page.getByRole('button', { name: 'Reveal WRITTEN' }).click()
    await expect(page.getByRole('group', { name: 'The value of WRITTEN' })).toHaveText('written by a program')
    await openTab(page, server, 'Access keys')
  })

  await test.step('IP restriction: calls from elsewhere are refused', async () => {
    let dialog = await open(page, key.id, 'Edit')
    const addresses = dialog.getByLabel('IP restriction')
    await addresses.fill('203.0.113.7\n10.0.0.0/33')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await expect(dialog).toContainText('“10.0.0.0/33” is neither an IP address nor a network')
    await addresses.fill('203.0.113.7\n2001:db8::/32')
    await finish(page, 'Save')
    await expect(row(page, key.id)).toContainText('203.0.113.7')
    await expect(row(page, key.id)).toContainText('2001:db8::/32')
    await shot(page, '6-ip-restriction')
    expect(await failure(() => read(user))).toMatchObject(FORBIDDEN)

    dialog = await open(page, key.id, 'Edit')
    await dialog.getByLabel('IP restriction').fill('127.0.0.0/8')
    await finish(page, 'Save')
    expect(await read(user)).toBe('hello')

    dialog = await open(page, key.id, 'Edit')
    await dialog.getByLabel('IP restriction').fill('')
    await finish(page, 'Save')
    await expect(row(page, key.id)).toContainText('Any address')
  })

  await test.step('activate: not as a third one', async () => {
    const dialog = await open(page, first.id, 'Activate')
    await dialog.getByRole('button', { name: 'Activate' }).click()
    await expect(dialog.getByRole('alert')).toContainText('two active access keys already')
    await finish(page, 'Cancel')

    await open(page, key.id, 'Deactivate')
    await finish(page, 'Deactivate')
    expect(await failure(() => read(user))).toMatchObject(REFUSED)
    await open(page, key.id, 'Activate')
    await shot(page, '7-activate')
    await finish(page, 'Activate')
    expect(await read(user)).toBe('hello')
  })

  await test.step('regenerate: the id stays, and the old secret opens nothing', async () => {
    const dialog = await open(page, key.id, 'Regenerate')
    await expect(dialog).toContainText('old secret no longer opens the project')
    await shot(page, '8-regenerate')
    await dialog.getByRole('button', { name: 'Regenerate' }).click()
    const again = await takeCredentials(page, secrets)
    await finish(page, 'Done')
    expect(again.id).toBe(key.id)
    expect(again.secret).not.toBe(key.secret)
    expect(await failure(() => read(sdk(server, key)))).toMatchObject({
      name: 'AuthenticationError',
      message: expect.stringContaining('regenerated'),
    })
    user = sdk(server, again)
    expect(await read(user)).toBe('hello')
    await write(user, 'AFTER')
  })

  await test.step('delete: asks for the id', async () => {
    const dialog = await open(page, key.id, 'Delete')
    const typed = dialog.getByLabel('Type the access key ID')
    await typed.fill(key.id.slice(1))
    await dialog.getByRole('button', { name: 'Delete access key' }).click()
    await expect(dialog.getByRole('alert')).toContainText('not the id')
    expect(await read(user)).toBe('hello')
    await typed.fill(key.id)
    await shot(page, '9-delete')
    await finish(page, 'Delete access key')
    await expect(row(page, key.id)).toHaveCount(0)
    expect(await failure(() => read(user))).toMatchObject(REFUSED)
  })

  await test.step('the access log has it all', async () => {
    await openTab(page, server, 'Access log')
    for (const text of [
      'Deleted an access key',
      'Regenerated an access key',
      'Activated an access key',
      'Deactivated an access key',
      'Changed an access key',
      'Created an access key',
      'Refused (403)',
      'Refused (409)',
      '127.0.0.1',
    ])
      await expect(page.getByText(text).first()).toBeVisible()
    await shot(page, '10-access-log')
  })
})

test('closing asks, unless the secret was copied or downloaded', async ({ page, server, secrets }) => {
  await signIn(page, server)
  await openTab(page, server, 'Access keys')
  const dialog = await open(page, server.accessKeyId, 'Regenerate')
  await dialog.getByRole('button', { name: 'Regenerate' }).click()
  await expect(dialog).toContainText('not shown again')

  // Escape twice is how browsers close a dialog that does not want to.
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await expect(dialog.getByRole('alert')).toContainText('neither copied nor downloaded')
  await shot(page, 'shown-once-asks')

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Download as a file' }).click(),
  ])
  expect(file.suggestedFilename()).toMatch(/^locker-access-key-[0-9a-f]{8}\.env$/)
  const lines = readFileSync(await file.path(), 'utf8')
    .trimEnd()
    .split('\n')
  const variables = Object.fromEntries(lines.map((line) => /^(\w+)=(.+)$/.exec(line).slice(1)))
  secrets.push(variables.LOCKER_ACCESS_KEY_SECRET)
  expect(variables).toMatchObject({
    LOCKER_ACCESS_KEY_ID: server.accessKeyId,
    LOCKER_API_BASE: server.apiBase,
  })
  const program = sdk(server, { id: server.accessKeyId, secret: variables.LOCKER_ACCESS_KEY_SECRET })
  await program.create({ key: 'FROM_FILE', value: '1' })

  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
})

async function unlock(page, { account }) {
  await page.getByLabel('Master password', { exact: true }).fill(account.masterPassword)
  await page.getByRole('button', { name: 'Unlock' }).click()
}
