'use strict'

/** Keys live in one tab's memory, and no longer than the session. */

const { chromium } = require('@playwright/test')

const { expect, fillSignIn, openTab, sdk, signIn, test } = require('./support/test')

const password = (page) => page.getByLabel('Master password', { exact: true })

test('a reload asks for the master password, and only for that', async ({ page, server }) => {
  await signIn(page, server)
  await openTab(page, server, 'Access keys')
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Unlock' })).toBeVisible()
  await expect(page.getByText(server.account.email)).toBeVisible()
  const signIns = []
  page.on('request', (request) => request.method() === 'POST' && signIns.push(request.url()))

  await password(page).fill('not the master password')
  await page.getByRole('button', { name: 'Unlock' }).click()
  await expect(page.getByRole('alert')).toContainText('not the master password of the account')
  await password(page).fill(server.account.masterPassword)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Access keys' })).toBeVisible()
  await expect(page.getByText(server.accessKeyId)).toBeVisible()
  expect(signIns).toEqual([])
})

test('a session that has ended leads to sign in, and back to where one was', async ({ page, server }) => {
  await signIn(page, server)
  await openTab(page, server, 'Environments')
  await page.getByRole('button', { name: 'New environment' }).first().click()
  await page.context().clearCookies()
  await page.getByLabel('Name').fill('production')
  await page.getByRole('dialog').getByRole('button', { name: 'Create environment' }).click()

  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await expect(page.getByRole('status')).toContainText('Your session has ended')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  expect(new URL(page.url()).hash).toBe('#/projects/1/environments')
  await fillSignIn(page, server)
  await expect(page.getByRole('heading', { name: 'Environments' })).toBeVisible()
})

test('nobody at the screen: a value is hidden, and then the keys are dropped', async ({ page, server }) => {
  const program = sdk(server, { id: server.accessKeyId, secret: server.accessKeySecret })
  await program.create({ key: 'TOKEN', value: 'left on the screen' })
  await page.clock.install()
  await signIn(page, server)
  await openTab(page, server, 'Secrets')
  await page.getByRole('button', { name: 'Reveal TOKEN' }).click()
  await expect(page.getByText('left on the screen')).toBeVisible()
  await page.clock.fastForward('00:59')
  await expect(page.getByText('left on the screen')).toBeVisible()
  await page.clock.fastForward('00:02')
  await expect(page.getByText('left on the screen')).toHaveCount(0)

  // The server still has the session; this page has not asked.
  const asked = []
  page.on('request', (request) => asked.push(request.url()))
  await page.clock.fastForward('31:00')
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await expect(page.getByRole('status')).toContainText('Your session has ended')
  expect(asked.filter((url) => url.endsWith('/v1/session'))).toEqual([])
})

test('after signing out nothing of it is left in the page', async ({ page, server }) => {
  await signIn(page, server)
  await openTab(page, server, 'Access keys')
  await expect(page.getByText(server.accessKeyId)).toBeVisible()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByText('You have signed out')).toBeVisible()
  await expect(page.locator('body')).not.toContainText(server.accessKeyId)
  // Not the answer to the signing out, of which the test may hear only now.
  const isAsked = (request) => request.method() === 'GET' && request.url().endsWith('/v1/session')
  const refused = page.waitForResponse((response) => isAsked(response.request()))
  await page.goBack()
  await page.reload()
  expect((await refused).status()).toBe(401)
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
})

test('signing out in one tab ends the others', async ({ page, context, server }) => {
  await signIn(page, server)
  await openTab(page, server, 'Access keys')
  const other = await context.newPage()
  await other.goto(server.url)
  await other.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await expect(page.locator('body')).not.toContainText(server.accessKeyId)
})

test('a session that another tab has begun anew is taken over', async ({ page, context, server }) => {
  await signIn(page, server)
  await openTab(page, server, 'Environments')
  // As another tab does, but without telling this one.
  const other = await context.newPage()
  await other.addInitScript(() => delete globalThis.BroadcastChannel.prototype.postMessage)
  await other.addInitScript(() => (globalThis.BroadcastChannel.prototype.postMessage = () => {}))
  await other.goto(server.url)
  await other.getByRole('button', { name: 'Sign out' }).click()
  await fillSignIn(other, server)
  await expect(other.getByRole('heading', { name: 'Projects' })).toBeVisible()

  await page.getByRole('button', { name: 'New environment' }).first().click()
  await page.getByLabel('Name').fill('production')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('rowheader')).toHaveText(['production'])
})

test('a server that is gone is named as such, and waited for', async ({ page, server }) => {
  await signIn(page, server)
  await page.route('**/v1/**', (route) => route.abort())
  await page.getByRole('link', { name: 'Project 1' }).click()
  await expect(page.getByRole('alert')).toContainText('The server cannot be reached')
  await page.unroute('**/v1/**')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { name: 'Secrets' })).toBeVisible()
})

test('too many attempts: it says how long to wait', async ({ page, server }) => {
  await page.goto(server.url)
  const limited = { code: 'rate_limit', message: 'too many calls; wait as long as Retry-After says' }
  await page.route('**/v1/session', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 429, headers: { 'retry-after': '30' }, json: limited })
      : route.continue(),
  )
  await fillSignIn(page, server)
  await expect(page.getByRole('alert')).toContainText('Try again in 30 seconds')
})

test('over http from elsewhere it asks for https', async ({ server, launchOptions }) => {
  const { port } = new URL(server.url)
  const args = [...launchOptions.args, '--host-resolver-rules=MAP locker.test 127.0.0.1']
  const browser = await chromium.launch({ ...launchOptions, args })
  try {
    const page = await browser.newPage()
    await page.goto(`http://locker.test:${port}/`)
    await expect(page.getByRole('heading', { name: 'Open this page over https' })).toBeVisible()
    await expect(page.getByRole('button')).toHaveCount(0)
  } finally {
    await browser.close()
  }
})
