import type { ComponentChildren } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks'

import { Announcer, hush } from './announce'

interface Props {
  title: string
  /** Somebody wants to leave: Escape, or the gesture to go back. The dialog stays until it is no longer rendered. */
  onClose: () => void
  wide?: boolean
  children: ComponentChildren
}

/** A modal dialog, open for as long as it is rendered. The focus goes back to where it was. */
export function Dialog({ title, onClose, wide = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const close = useRef(onClose)
  close.current = onClose
  const id = useId()

  useLayoutEffect(() => {
    const element = dialog.current
    hush()
    element?.showModal()
    return () => {
      element?.close()
      // What had the focus may be gone, such as the row of what was deleted.
      setTimeout(() => {
        if (document.activeElement === document.body) document.getElementById('main')?.focus()
      })
    }
  }, [])

  useEffect(() => {
    const element = dialog.current
    if (!element) return
    const ask = (event: Event) => {
      event.preventDefault()
      close.current()
    }
    const keydown = (event: KeyboardEvent) => event.key === 'Escape' && ask(event)
    // A browser closes a dialog whose cancelling was prevented before.
    const reopen = () => {
      if (!element.isConnected) return
      element.showModal()
      close.current()
    }
    element.addEventListener('cancel', ask)
    element.addEventListener('keydown', keydown)
    element.addEventListener('close', reopen)
    return () => {
      element.removeEventListener('cancel', ask)
      element.removeEventListener('keydown', keydown)
      element.removeEventListener('close', reopen)
    }
  }, [])

  return (
    <dialog ref={dialog} class={wide ? 'dialog wide' : 'dialog'} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
      <Announcer />
    </dialog>
  )
}
