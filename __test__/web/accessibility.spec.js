'use strict'

/** axe on every screen and every dialog, light and dark, wide and narrow. */

const { source } = require('axe-core')

const { finish, open } = require('./support/access-keys')
const { expect, openTab, sdk, shot, signIn, test } = require('./support/test')

test.use({ contextOptions: { reducedMotion: 'reduce' } })

const WIDE = { width: 1280, height: 800 }
const NARROW = { width: 390, height: 844 }

/** No serious or critical violation of what is on the screen, and nothing that is wider than it. */
async function check(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    for (const [width, size] of [
      ['wide', WIDE],
      ['narrow', NARROW],
    ]) {
      await page.setViewportSize(size)
      const form = `${name}, ${colorScheme}, ${width}`
      expect(await violations(page), form).toEqual([])
      expect(await overflow(page), `${form}: scrolls sideways`).toBeLessThanOrEqual(0)
      await shot(page, `screens/${name}-${colorScheme}-${width}`)
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  for (const width of [320, 640, 870, 1024]) {
    await page.setViewportSize({ ...WIDE, width })
    expect(await overflow(page), `${name} scrolls sideways at ${width}`).toBeLessThanOrEqual(0)
  }
  await page.setViewportSize(WIDE)
}

async function violations(page) {
  await page.evaluate(source)
  const { violations } = await page.evaluate(() => globalThis.axe.run())
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`)
}

function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

/** Opens a dialog, checks it and leaves it. */
async function checkDialog(page, name, opening) {
  await opening()
  await expect(page.getByRole('dialog')).toBeVisible()
  await check(page, name)
  await finish(page, 'Cancel')
}

test('before the sign-in', async ({ page, server }) => {
  await page.goto(server.url)
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await check(page, 'sign-in')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('Enter your email address')
  await check(page, 'sign-in-refused')
  await page.route('**/v1/sign_up', (route) => route.fulfill({ json: { open: true } }))
  await page.reload()
  await page.getByRole('button', { name: 'Create the account' }).click()
  await expect(page.getByText('Enter an email address')).toBeVisible()
  await check(page, 'sign-up')
})

test('projects, secrets, environments', async ({ page, server }) => {
  test.setTimeout(240_000)
  const button = (name) => () => page.getByRole('button', { name }).first().click()
  await signIn(page, server)
  await check(page, 'projects')
  await checkDialog(page, 'new-workspace', button('New workspace'))
  await checkDialog(page, 'new-project', button(/New project/))
  await openTab(page, server, 'Secrets')
  await expect(page.getByText('No secret yet')).toBeVisible()
  await check(page, 'secrets-empty')
  await openTab(page, server, 'Environments')
  await expect(page.getByText('No environment yet')).toBeVisible()
  await check(page, 'environments-empty')
  await checkDialog(page, 'new-environment', button('New environment'))

  const program = sdk(server, { id: server.accessKeyId, secret: server.accessKeySecret })
  const url = 'https://shop.example/'
  await program.createEnvironment({ name: 'production', externalUrl: url, description: 'What customers use' })
  await program.create({ key: 'A'.repeat(80), value: 'x'.repeat(300), environmentName: 'production' })
  await program.create({ key: 'SMTP_PASSWORD', value: 'hunter2', description: 'For the mail service' })
  await page.reload()
  await page.getByLabel('Master password', { exact: true }).fill(server.account.masterPassword)
  await check(page, 'unlock')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('rowheader')).toHaveCount(1)
  await check(page, 'environments')
  await checkDialog(page, 'delete-environment', button('Delete production'))
  await openTab(page, server, 'Secrets')
  await expect(page.getByRole('rowheader')).toHaveCount(2)
  await button(/Reveal AAA/)()
  await expect(page.getByRole('group', { name: /The value of AAA/ })).toBeVisible()
  await check(page, 'secrets')
  await checkDialog(page, 'new-secret', button('New secret'))
  await checkDialog(page, 'edit-secret', button('Edit SMTP_PASSWORD'))
  await checkDialog(page, 'delete-secret', button('Delete SMTP_PASSWORD'))
  await page.getByRole('searchbox').fill('nothing like it')
  await check(page, 'secrets-none-found')
  await page.goto(`${server.url}/#/nowhere`)
  await check(page, 'not-found')
  await page.goto(`${server.url}/#/projects/4711`)
  await expect(page.getByRole('alert')).toBeVisible()
  await check(page, 'no-such-project')
})

test('access keys and the access log', async ({ page, server, secrets }) => {
  test.setTimeout(240_000)
  const { accessKeyId: id } = server
  const dialog = page.getByRole('dialog')
  await signIn(page, server)
  await openTab(page, server, 'Access keys')
  await expect(page.getByText('2 of 2 active')).toBeVisible()
  await open(page, id, 'Edit')
  await dialog.getByLabel('IP restriction').fill('nowhere')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await check(page, 'edit-access-key')
  await dialog.getByLabel('IP restriction').fill('10.0.0.0/8\n2001:db8:1234:5678:9abc:def0:1234:5678')
  await finish(page, 'Save')
  await check(page, 'access-keys')
  await page.getByRole('button', { name: 'Create access key' }).click()
  await dialog.getByRole('button', { name: 'Create access key' }).click()
  await expect(dialog.getByRole('alert')).toContainText('already')
  await check(page, 'create-access-key')
  await finish(page, 'Cancel')
  for (const verb of ['Deactivate', 'Regenerate', 'Delete'])
    await checkDialog(page, `${verb.toLowerCase()}-access-key`, () => open(page, id, verb))
  await open(page, id, 'Deactivate')
  await finish(page, 'Deactivate')
  await checkDialog(page, 'activate-access-key', () => open(page, id, 'Activate'))
  await open(page, id, 'Regenerate')
  await dialog.getByRole('button', { name: 'Regenerate' }).click()
  await expect(dialog).toContainText('not shown again')
  secrets.push(await dialog.locator('code').last().textContent())
  await check(page, 'shown-once')
  await page.keyboard.press('Escape')
  await check(page, 'shown-once-asks')
  await dialog.getByRole('button', { name: 'Close without keeping it' }).click()
  await openTab(page, server, 'Access log')
  await expect(page.getByText('Regenerated an access key')).toBeVisible()
  await check(page, 'access-log')
})
