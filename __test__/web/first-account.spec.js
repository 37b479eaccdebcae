'use strict'

/** From an empty database to a program that reads its first secret. */

const { takeCredentials, finish } = require('./support/access-keys')
const { startEmptyServer } = require('./support/empty-server')
const { expect, sdk, shot, test } = require('./support/test')

const EMAIL = 'ana@example.com'
// Decomposed: another keyboard may compose the same character.
const PASSWORD = 're\u0301sume\u0301 of four words'

test.use({
  server: async ({}, use) => {
    const server = await startEmptyServer()
    await use({ ...server, apiBase: `${server.url}/locker_secrets` })
    await server.stop()
  },
  secrets: async ({}, use) => use([PASSWORD, PASSWORD.normalize('NFC'), 'the first value']),
})

test('the first account, its first project and its first secret', async ({ page, server, secrets }) => {
  await page.goto(server.url)

  await test.step('the passwords are checked before anything is sent', async () => {
    await expect(page.getByRole('heading', { name: 'Create an account' })).toBeVisible()
    const create = page.getByRole('button', { name: 'Create the account' })
    await create.click()
    await expect(page.getByText('Enter an email address')).toBeVisible()
    await expect(page.getByLabel('Email address')).toBeFocused()
    await page.getByLabel('Email address').fill(EMAIL)
    await page.getByLabel('Master password', { exact: true }).fill('eleven char')
    await expect(page.getByText('has 11 characters and needs at least 12')).toBeVisible()
    await page.getByLabel('Master password', { exact: true }).fill(PASSWORD)
    await expect(page.getByText('The two passwords differ')).toBeVisible()
    await page.getByLabel('Master password again', { exact: true }).fill(PASSWORD)
    await create.click()
  })

  await test.step('each empty screen says what to do next', async () => {
    await expect(page.getByText('No workspace yet')).toBeVisible()
    await shot(page, 'first-1-no-workspace')
    await page.getByRole('button', { name: 'Create a workspace' }).click()
    await page.getByLabel('Name').fill('Northwind')
    await page.keyboard.press('Enter')
    await expect(page.getByText('No project here yet')).toBeVisible()
    await page.getByRole('button', { name: 'New project in Northwind' }).click()
    await page.getByLabel('Name').fill('Shop')
    await page.keyboard.press('Enter')
    await expect(page.getByText('No secret yet')).toBeVisible()
  })

  await test.step('a program reads what was written here', async () => {
    await page.getByRole('button', { name: 'Create a secret' }).click()
    await page.getByLabel('Key').fill('FIRST')
    await page.getByRole('textbox', { name: 'Value' }).fill('the first value')
    await finish(page, 'Create secret')
    await page.getByRole('link', { name: 'Access keys' }).click()
    await page.getByRole('button', { name: 'Create an access key' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Create access key' }).click()
    const key = await takeCredentials(page, secrets)
    await finish(page, 'Done')
    expect(await sdk(server, key).get('FIRST')).toBe('the first value')
  })

  await test.step('the account signs in again, with the password as another keyboard types it', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByText('You have signed out')).toBeVisible()
    // It is not the first account any more.
    await expect(page.getByRole('button', { name: 'Create an account' })).toHaveCount(0)
    await page.getByLabel('Email address').fill(EMAIL)
    await page.getByLabel('Master password', { exact: true }).fill('not the password')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(page.getByText('The email address or the master password is wrong')).toBeVisible()
    await page.getByLabel('Master password', { exact: true }).fill(PASSWORD.normalize('NFC'))
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(page.getByRole('link', { name: 'Shop' })).toBeVisible()
  })
})
