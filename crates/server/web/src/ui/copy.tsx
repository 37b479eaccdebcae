import { useEffect, useRef, useState } from 'preact/hooks'

import { announce } from './announce'
import { Icon } from './icons'

const SHOWN_FOR = 2000

interface Props {
  /** What is copied, as a person calls it: "the access key id". */
  what: string
  /** Asked for when the button is pressed, and not kept. */
  text: () => string | Promise<string>
  label?: string
  /** Only an icon, where there is little room. */
  compact?: boolean
  onCopied?: () => void
}

export function CopyButton({ what, text, label = 'Copy', compact = false, onCopied }: Props) {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(await text())
      setOutcome('copied')
      announce(`Copied ${what}.`)
      onCopied?.()
    } catch {
      setOutcome('failed')
      announce(`The browser did not let the page copy ${what}. Select it and copy it by hand.`)
    }
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setOutcome(undefined), SHOWN_FOR)
  }

  return (
    <button
      type="button"
      class={compact ? 'small compact' : 'small'}
      aria-label={`${label}: ${what}`}
      title={compact ? `${label} ${what}` : undefined}
      onClick={copy}
    >
      <span class="stable">
        <span class={outcome ? 'off' : ''}>{compact ? <Icon name="copy" /> : label}</span>
        <span class={outcome === 'copied' ? '' : 'off'}>{compact ? <Icon name="check" /> : 'Copied'}</span>
        <span class={outcome === 'failed' ? '' : 'off'}>{compact ? <Icon name="alert" /> : 'Failed'}</span>
      </span>
    </button>
  )
}
