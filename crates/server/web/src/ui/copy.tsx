import { useEffect, useRef, useState } from 'preact/hooks'

import { announce } from './announce'

const SHOWN_FOR = 2000

interface Props {
  /** What is copied, as a person calls it: "the access key id". */
  what: string
  /** Asked for when the button is pressed, and not kept. */
  text: () => string | Promise<string>
  label?: string
  onCopied?: () => void
}

export function CopyButton({ what, text, label = 'Copy', onCopied }: Props) {
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
    <button type="button" class="small copy" aria-label={`${label}: ${what}`} onClick={copy}>
      <span class="stable">
        <span class={outcome ? 'off' : ''}>{label}</span>
        <span class={outcome === 'copied' ? '' : 'off'}>Copied</span>
        <span class={outcome === 'failed' ? '' : 'off'}>Failed</span>
      </span>
    </button>
  )
}
