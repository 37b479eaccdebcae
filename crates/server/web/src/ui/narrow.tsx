import type { ComponentChildren } from 'preact'

import { Icon } from './icons'
import { useTitle } from './title'

/** A screen with one thing to do. */
export function Narrow({ title, children }: { title: string; children: ComponentChildren }) {
  useTitle(title)
  return (
    <main class="narrow" id="main" tabIndex={-1}>
      <p class="brand">
        <Icon name="lock" />
        <span>locker-server</span>
      </p>
      <div class="card">
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  )
}
