'use strict'

/** Where a script of another page version, an extension or a curious person could find a secret later. */

/** The places in which one of `secrets` is found; empty if all is well. */
async function findLeaks(page, secrets) {
  const places = { 'the address': page.url(), ...(await history(page)), ...(await readable(page)) }
  return Object.entries(places)
    .filter(([, content]) => secrets.some((secret) => contains(content, secret)))
    .map(([place]) => place)
}

/** An address may hold it in another writing. */
function contains(content, secret) {
  return [secret, encodeURIComponent(secret), encodeURI(secret)].some((form) => content.includes(form))
}

async function history(page) {
  const session = await page.context().newCDPSession(page)
  const { entries } = await session.send('Page.getNavigationHistory')
  await session.detach()
  return { 'the history': JSON.stringify(entries) }
}

function readable(page) {
  return page.evaluate(async () => {
    const databases = await indexedDB.databases()
    const caches = await globalThis.caches.keys()
    return {
      localStorage: JSON.stringify({ ...localStorage }),
      sessionStorage: JSON.stringify({ ...sessionStorage }),
      'a cookie': document.cookie,
      'the state of the history': history.state === null ? '' : JSON.stringify(history.state),
      'the name of the window': window.name,
      'the title': document.title,
      IndexedDB: JSON.stringify(databases),
      'a cache': JSON.stringify(caches),
    }
  })
}

/** The page keeps nothing in the browser, secret or not. */
const NOTHING_KEPT = {
  localStorage: '{}',
  sessionStorage: '{}',
  'a cookie': '',
  'the state of the history': '',
  'the name of the window': '',
  IndexedDB: '[]',
  'a cache': '[]',
}

module.exports = { findLeaks, NOTHING_KEPT, readable }
