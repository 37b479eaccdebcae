import type { ComponentChildren } from 'preact'

import { explain } from '../explain'
import { Icon, type IconName } from './icons'

interface EmptyProps {
  icon: IconName
  title: string
  children: ComponentChildren
}

/** Nothing is here, and what to do next. */
export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <p class="empty-title">{title}</p>
      {children}
    </div>
  )
}

/** Something could not be loaded. */
export function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div class="empty" role="alert">
      <Icon name="alert" />
      <p>{explain(error)}</p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  )
}

/** Takes the room of what is being loaded; words appear only if it takes long. */
export function Loading({ what }: { what: string }) {
  return (
    <div class="loading" role="status">
      <p>Loading {what}…</p>
    </div>
  )
}
