'use strict'

/** What people type is text, wherever it appears. */

const { finish, open, takeCredentials } = require('./support/access-keys')
const { expect, openTab, sdk, shot, signIn, test } = require('./support/test')

const HTML = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script><b>bold</b>`
const SQL = `Robert'); DROP TABLE secrets;--`

test('HTML and SQL in every field', async ({ page, server, secrets }) => {
  const program = sdk(server, { id: server.accessKeyId, secret: server.accessKeySecret })
  const dialog = page.getByRole('dialog')
  const text = (exact) => page.getByText(exact, { exact: true }).first()
  await signIn(page, server)

  for (const [index, name] of [HTML, SQL].entries()) {
    await test.step(`workspace, project: ${name.slice(0, 8)}`, async () => {
      await page.goto(`${server.url}/#/`)
      await page.getByRole('button', { name: 'New workspace' }).click()
      await dialog.getByLabel('Name').fill(name)
      await finish(page, 'Create workspace')
      await expect(text(name)).toBeVisible()
      await page.getByRole('button', { name: `New project in ${name}`, exact: true }).click()
      await expect(dialog).toContainText(name)
      await dialog.getByLabel('Name').fill(name)
      await finish(page, 'Create project')
      await expect(page.getByRole('heading', { name, level: 1, exact: true })).toBeVisible()
      await expect(page).toHaveTitle('Secrets · locker-server')
    })

    await test.step('environment and secret', async () => {
      await openTab(page, server, 'Environments')
      await page.getByRole('button', { name: 'New environment' }).click()
      await dialog.getByLabel('Name').fill(name)
      await dialog.getByLabel('URL').fill(`javascript:alert(1)//${name}`)
      await dialog.getByLabel('Description').fill(`about ${name}`)
      await finish(page, 'Create environment')
      for (const shown of [name, `javascript:alert(1)//${name}`, `about ${name}`])
        await expect(text(shown)).toBeVisible()
      await expect(page.locator('a[href^="javascript"]')).toHaveCount(0)

      await openTab(page, server, 'Secrets')
      await page.getByRole('button', { name: 'New secret' }).click()
      await dialog.getByLabel('Key').fill(name)
      await dialog.getByRole('textbox', { name: 'Value' }).fill(`value ${name}`)
      await dialog.getByLabel('Environment').selectOption({ label: name })
      await dialog.getByLabel('Description').fill(`about ${name}`)
      await finish(page, 'Create secret')
      await expect(page.getByRole('rowheader')).toHaveCount(index + 1)
      await page.getByRole('button', { name: `Reveal ${name}`, exact: true }).click()
      await expect(text(`value ${name}`)).toBeVisible()
      secrets.push(`value ${name}`)
      await page.getByRole('searchbox').fill(name)
      await expect(page.getByRole('rowheader')).toHaveCount(1)
      const fresh = { fetch: true }
      expect(await program.get(name, name, undefined, fresh)).toBe(`value ${name}`)
      await page.getByRole('button', { name: `Delete ${name}`, exact: true }).click()
      await expect(dialog).toContainText(name)
      await finish(page, 'Cancel')
    })
  }
  await page.getByRole('searchbox').fill('')
  await shot(page, 'markup')

  await test.step('access key', async () => {
    await openTab(page, server, 'Access keys')
    await open(page, server.readOnly.accessKeyId, 'Edit')
    await dialog.getByLabel('IP restriction').fill(HTML)
    await dialog.getByRole('button', { name: 'Save' }).click()
    await expect(dialog).toContainText(`“${HTML}” is neither`)
    await finish(page, 'Cancel')
    await open(page, server.readOnly.accessKeyId, 'Delete')
    await dialog.getByLabel('Type the access key ID').fill(SQL)
    await dialog.getByRole('button', { name: 'Delete access key' }).click()
    await expect(dialog.getByRole('alert')).toContainText('not the id')
    await finish(page, 'Cancel')
    // Nothing was lost on the way.
    await open(page, server.accessKeyId, 'Regenerate')
    await dialog.getByRole('button', { name: 'Regenerate' }).click()
    await takeCredentials(page, secrets)
    await finish(page, 'Done')
  })

  await test.step('sign in', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Email address').fill(`'OR'1'='1'--@x`)
    await page.getByLabel('Master password', { exact: true }).fill(SQL)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(page.getByRole('alert')).toContainText('wrong')
  })
  expect(await page.evaluate(() => window.pwned)).toBeUndefined()
})

test('a route that leads nowhere', async ({ page, server }) => {
  await signIn(page, server)
  for (const route of ['#/nowhere', `#/projects/1/${HTML}`, '#/projects/0', '#/projects/../1']) {
    await page.goto(`${server.url}/${route}`)
    await expect(page.getByText('There is nothing at this address')).toBeVisible()
  }
  await page.goto(`${server.url}/#/projects/4711`)
  await expect(page.getByRole('alert')).toContainText('There is no such project')
  await page.goto(`${server.url}/#/`)
  await expect(page.getByRole('heading', { name: 'Projects' })).toBeVisible()
})
