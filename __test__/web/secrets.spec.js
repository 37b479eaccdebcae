'use strict'

/** Secrets and environments: what the page writes programs read, and the other way round. */

const { finish, readClipboard } = require('./support/access-keys')
const { expect, openTab, sdk, shot, signIn, test } = require('./support/test')

const rows = (page) => page.getByRole('rowheader')

test('secrets, their environments and their values', async ({ page, server, secrets }) => {
  const program = sdk(server, { id: server.accessKeyId, secret: server.accessKeySecret })
  const fresh = { fetch: true }
  await program.createEnvironment({ name: 'production', externalUrl: '' })
  await program.create({ key: 'URL', value: 'for all', description: 'The database' })
  await program.create({ key: 'URL', value: 'for production', environmentName: 'production' })
  await program.create({ key: 'TOKEN', value: 'line 1\nline 2' })
  secrets.push('for all', 'for production', 'line 1')

  await signIn(page, server)
  await openTab(page, server, 'Secrets')
  const revealed = (key) => page.getByRole('group', { name: `The value of ${key}` })

  await test.step('a value is on the screen from Reveal to Hide', async () => {
    await expect(rows(page)).toHaveText(['TOKEN', 'URLThe database', 'URL'])
    await expect(page.locator('body')).not.toContainText('line 1')
    await page.getByRole('button', { name: 'Reveal TOKEN' }).click()
    await expect(revealed('TOKEN')).toHaveText('line 1\nline 2')
    await page.getByRole('button', { name: 'Hide TOKEN' }).click()
    await expect(page.locator('body')).not.toContainText('line 1')
    await page.getByRole('button', { name: 'Reveal TOKEN' }).click()
    await expect(revealed('TOKEN')).toBeVisible()
    await page.getByRole('link', { name: 'Environments' }).click()
    await page.getByRole('link', { name: 'Secrets' }).click()
    await expect(rows(page)).toHaveCount(3)
    await expect(revealed('TOKEN')).toHaveCount(0)
  })

  await test.step('a value is copied without being shown', async () => {
    await page.getByRole('button', { name: 'Copy: the value of TOKEN' }).click()
    await expect(page.getByRole('status').filter({ hasText: 'Copied' })).toBeVisible()
    expect(await readClipboard(page)).toBe('line 1\nline 2')
    await expect(page.locator('body')).not.toContainText('line 1')
  })

  await test.step('search and filter', async () => {
    const search = page.getByRole('searchbox')
    await search.fill('datab')
    await expect(rows(page)).toHaveText(['URLThe database'])
    await expect(page.getByText('1 of 3')).toBeVisible()
    await search.fill('nothing like it')
    await expect(page.getByText('Nothing matches')).toBeVisible()
    await page.getByRole('button', { name: 'Show all secrets' }).click()
    await page.getByLabel('Environment', { exact: true }).selectOption('production')
    await expect(rows(page)).toHaveText(['URL'])
    await page.getByLabel('Environment', { exact: true }).selectOption('ALL')
    await expect(rows(page)).toHaveCount(2)
    await page.getByLabel('Environment', { exact: true }).selectOption('Every environment')
  })

  await test.step('edit without touching the value, then the value, then the environment', async () => {
    const edit = () => page.getByRole('button', { name: 'Edit TOKEN' }).click()
    const dialog = page.getByRole('dialog')
    await edit()
    await expect(dialog.getByText('Stays as it is')).toBeVisible()
    await dialog.getByLabel('Description').fill('For the mail service')
    await finish(page, 'Save')
    expect(await program.retrieve('TOKEN', null, fresh)).toMatchObject({
      value: 'line 1\nline 2',
      description: 'For the mail service',
    })

    await edit()
    await dialog.getByRole('button', { name: 'Show and edit the value' }).click()
    await expect(dialog.getByLabel('Value')).toHaveValue('line 1\nline 2')
    await dialog.getByLabel('Value').fill('a new value')
    secrets.push('a new value')
    await finish(page, 'Save')
    expect(await program.get('TOKEN', null, undefined, fresh)).toBe('a new value')

    await edit()
    await dialog.getByLabel('Environment').selectOption('production')
    await finish(page, 'Save')
    expect(await program.retrieve('TOKEN', 'production', fresh)).toMatchObject({
      value: 'a new value',
      environmentName: 'production',
    })
    await edit()
    await dialog.getByLabel('Environment').selectOption('ALL')
    await finish(page, 'Save')
    expect(await program.retrieve('TOKEN', null, fresh)).toMatchObject({ environmentName: null })
    await shot(page, 'secrets')
  })

  await test.step('a duplicate is refused', async () => {
    await page.getByRole('button', { name: 'New secret' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Create secret' }).click()
    await expect(dialog.getByRole('alert')).toContainText('Enter a key')
    await dialog.getByLabel('Key').fill('TOKEN')
    await dialog.getByRole('button', { name: 'Create secret' }).click()
    await expect(dialog.getByRole('alert')).toContainText('already exists')
    await finish(page, 'Cancel')
  })

  await test.step('an environment that has secrets stays', async () => {
    await openTab(page, server, 'Environments')
    const dialog = page.getByRole('dialog')
    await page.getByRole('button', { name: 'Edit production' }).click()
    await dialog.getByLabel('Name').fill('live')
    await dialog.getByLabel('URL').fill('https://example.com/')
    await finish(page, 'Save')
    expect(await program.getEnvironment('live', fresh)).toMatchObject({ externalUrl: 'https://example.com/' })
    expect(await program.get('URL', 'live', undefined, fresh)).toBe('for production')
    await page.getByRole('button', { name: 'Delete live' }).click()
    await dialog.getByRole('button', { name: 'Delete environment' }).click()
    await expect(dialog.getByRole('alert')).toContainText('has secrets')
    await finish(page, 'Cancel')
  })

  await test.step('delete asks, and then it is gone', async () => {
    await openTab(page, server, 'Secrets')
    await page.getByLabel('Environment', { exact: true }).selectOption('live')
    await page.getByRole('button', { name: 'Delete URL' }).click()
    await finish(page, 'Cancel')
    await expect(rows(page)).toHaveCount(1)
    await page.getByRole('button', { name: 'Delete URL' }).click()
    await finish(page, 'Delete secret')
    await expect(rows(page)).toHaveCount(0)
    expect(await program.get('URL', 'live', undefined, fresh)).toBe('for all')
    await openTab(page, server, 'Environments')
    await page.getByRole('button', { name: 'Delete live' }).click()
    await finish(page, 'Delete environment')
    await expect(page.getByText('No environment yet')).toBeVisible()
    expect(await program.listEnvironments(fresh)).toEqual([])
  })
})
