import { useRef, useState } from 'preact/hooks'

import { explain } from '../explain'

/** One thing that a person asked for: it runs once at a time, and says what went wrong. */
export function useAction<A extends unknown[]>(action: (...args: A) => Promise<void>) {
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const running = useRef(false)

  const run = async (...args: A): Promise<void> => {
    if (running.current) return
    running.current = true
    setBusy(true)
    setError(undefined)
    try {
      await action(...args)
    } catch (failure) {
      setError(explain(failure))
    } finally {
      running.current = false
      setBusy(false)
    }
  }
  return { run, busy, error }
}
