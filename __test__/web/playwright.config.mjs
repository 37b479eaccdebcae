/** The tests of the web page: a real browser, the real server. `npm run test:browser` runs them. */

import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { defineConfig } from '@playwright/test'

const folder = path.dirname(fileURLToPath(import.meta.url))
const artifacts = path.join(folder, '../../target/playwright')

// Every request of these tests goes to 127.0.0.1, and the SDK keeps nothing on the disk.
process.env.LOCKER_CACHE_DIR = 'none'
process.env.NO_PROXY = '127.0.0.1'

export default defineConfig({
  testDir: folder,
  outputDir: path.join(artifacts, 'results'),
  reporter: 'list',
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  use: {
    browserName: 'chromium',
    launchOptions: {
      executablePath: process.env.LOCKER_CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    },
    locale: 'en-GB',
    timezoneId: 'UTC',
    colorScheme: 'light',
    viewport: { width: 1280, height: 800 },
    actionTimeout: 15_000,
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
})
