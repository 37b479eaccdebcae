import { useCallback, useEffect, useRef, useState } from 'preact/hooks'

export type Loaded<T> =
  { state: 'loading' } | { state: 'failed'; error: unknown } | { state: 'ready'; value: T }

/** Loads at once and whenever `dependencies` change. What was shown stays until `reload` has something newer. */
export function useLoad<T>(load: () => Promise<T>, dependencies: readonly unknown[]) {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading' })
  const newest = useRef(0)
  const reload = useCallback(async () => {
    const mine = ++newest.current
    const outcome = await load().then(
      (value): Loaded<T> => ({ state: 'ready', value }),
      (error): Loaded<T> => ({ state: 'failed', error }),
    )
    if (mine === newest.current) setLoaded(outcome)
  }, dependencies)

  useEffect(() => {
    setLoaded({ state: 'loading' })
    void reload()
    return () => void ++newest.current
  }, [reload])
  return { loaded, reload }
}
