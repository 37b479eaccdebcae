/** Routes live behind the `#`, which no server sees. They hold ids, and nothing that is secret. */

import { Store, useStore } from './store'

export const TABS = ['secrets', 'environments', 'access-keys', 'access-log'] as const
export type Tab = (typeof TABS)[number]

export type Route =
  { name: 'home' } | { name: 'project'; projectId: number; tab: Tab } | { name: 'not-found' }

export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#\/?/, '')
  if (path === '') return { name: 'home' }
  const [, id, tab = 'secrets'] = /^projects\/([1-9]\d{0,15})(?:\/([a-z-]+))?$/.exec(path) ?? []
  if (id === undefined || !isTab(tab)) return { name: 'not-found' }
  return { name: 'project', projectId: Number(id), tab }
}

function isTab(text: string): text is Tab {
  return (TABS as readonly string[]).includes(text)
}

export const homeLink = '#/'
export const projectLink = (projectId: number, tab: Tab = 'secrets') => `#/projects/${projectId}/${tab}`

const route = new Store(parseRoute(location.hash))
addEventListener('hashchange', () => (route.value = parseRoute(location.hash)))

export const useRoute = () => useStore(route)

export function navigate(link: string): void {
  location.hash = link
}
