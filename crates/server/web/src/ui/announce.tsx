import { Store, useStore } from '../store'

const SHOWN_FOR = 5000

const message = new Store('')
let timer: ReturnType<typeof setTimeout> | undefined

/** Says what has just happened, on the screen and to a screen reader. */
export function announce(text: string): void {
  message.value = text
  clearTimeout(timer)
  timer = setTimeout(() => (message.value = ''), SHOWN_FOR)
}

/** Takes back what was said; a dialog that opens would say it again. */
export function hush(): void {
  message.value = ''
}

/** An open dialog makes everything behind it inert, so it has an announcer of its own. */
export function Announcer() {
  const text = useStore(message)
  return (
    <div class="announcer" role="status">
      {text && <p class="toast">{text}</p>}
    </div>
  )
}
