'use strict'

/** What the tests of the page have in common. Every test also checks what the page may never do. */

const path = require('node:path')

const { expect, test: base } = require('@playwright/test')

const { Locker } = require('../../..')
const { startServer } = require('../../support/server')
const { Console } = require('./console')
const { findLeaks, NOTHING_KEPT, readable } = require('./leaks')

const shots = path.join(__dirname, '../../../target/playwright')

const test = base.extend({
  /** A server with an account, a workspace and a project; one for each test. */
  server: async ({}, use) => {
    const server = await startServer(['dev'])
    await use(server)
    await server.stop()
  },

  /** Texts that must not be found where a script could read them. A test adds those that it makes. */
  secrets: async ({ server }, use) => {
    await use([server.account.masterPassword, server.accessKeySecret, server.readOnly.accessKeySecret])
  },

  context: async ({ context }, use) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await use(context)
  },

  page: async ({ page, server, secrets }, use) => {
    const requests = []
    const console = new Console(page)
    page.on('request', (request) => requests.push(request))
    await use(page)
    const elsewhere = requests.map((request) => request.url()).filter((url) => !isOf(server.url, url))
    expect(elsewhere, 'requests to another host').toEqual([])
    for (const request of requests) {
      const sent = `${request.url()} ${request.postData() ?? ''} ${JSON.stringify(request.headers())}`
      for (const secret of secrets) expect(sent.includes(secret), 'a secret was sent').toBe(false)
    }
    expect(await findLeaks(page, secrets), 'secrets within reach of a script').toEqual([])
    expect(await readable(page), 'what the page keeps').toMatchObject(NOTHING_KEPT)
    expect(console.complaints, 'what the browser complained of').toEqual([])
  },
})

/** A file of this page, which a browser names by its own kind of address, counts as the page's. */
function isOf(origin, url) {
  return url.startsWith(`${origin}/`) || url.startsWith(`blob:${origin}/`)
}

/** Signs in with the account of the server, and waits for its projects. */
async function signIn(page, server) {
  await page.goto(server.url)
  await fillSignIn(page, server)
  await expect(page.getByRole('heading', { name: 'Projects' })).toBeVisible()
}

async function fillSignIn(page, { account }) {
  await page.getByLabel('Email address').fill(account.email)
  await page.getByLabel('Master password', { exact: true }).fill(account.masterPassword)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Opens one of the screens of the project. */
async function openTab(page, server, name) {
  const route = name.toLowerCase().replace(' ', '-')
  await page.goto(`${server.url}/#/projects/${server.projectId}/${route}`)
  await expect(page.getByRole('heading', { name, level: 2 })).toBeVisible()
}

/** A client of the server's project, which has read nothing yet. */
function sdk(server, { id, secret }) {
  const credentials = { accessKeyId: id, accessKeySecret: secret, apiBase: server.apiBase }
  // What is refused is what the tests are about; it need not be in their log.
  return new Locker({ ...credentials, logger: () => {} })
}

/** Keeps a picture of what is on the screen. */
async function shot(page, name) {
  await page.screenshot({ path: path.join(shots, `${name}.png`), animations: 'disabled' })
}

module.exports = { expect, fillSignIn, openTab, sdk, shot, signIn, test }
