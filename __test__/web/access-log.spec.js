'use strict'

/** Who did what: in pages on the screen, and all of it as a file. */

const { readFileSync } = require('node:fs')

const { expect, openTab, sdk, signIn, test } = require('./support/test')

test('older entries, and the export', async ({ page, server }) => {
  const program = sdk(server, { id: server.accessKeyId, secret: server.accessKeySecret })
  await program.create({ key: 'FIRST', value: '1' })
  for (let index = 0; index < 60; index += 1) await program.list(null, { fetch: true })

  await signIn(page, server)
  await openTab(page, server, 'Access log')
  const rows = page.getByRole('rowheader')
  await expect(rows).toHaveCount(50)
  await expect(page.getByText('Created a secret')).toHaveCount(0)
  await expect(page.getByRole('row').nth(5)).toContainText(`Access key ${server.accessKeyId.slice(0, 8)}`)
  await expect(page.locator('time').first()).toHaveAttribute('datetime', /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  await page.getByRole('button', { name: 'Older' }).click()
  await expect(page.getByText('Created a secret')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Older' })).toHaveCount(0)
  const shown = await rows.count()
  expect(shown).toBeGreaterThan(60)

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export as JSON lines' }).click(),
  ])
  expect(file.suggestedFilename()).toBe('access-log-project-1.jsonl')
  const entries = readFileSync(await file.path(), 'utf8')
    .trimEnd()
    .split('\n')
    .map(JSON.parse)
  expect(entries.length).toBeGreaterThanOrEqual(shown)
  expect(entries.filter(({ action }) => action === 'secret.create')).toMatchObject([
    { access_key_id: server.accessKeyId, address: '127.0.0.1', status: 201 },
  ])

  await page.getByRole('button', { name: 'Refresh' }).click()
  await expect(page.getByText('Exported the access log')).toBeVisible()
  await expect(rows).toHaveCount(50)
})
