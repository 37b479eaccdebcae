import { useEffect, useState } from 'preact/hooks'

/** A value that components can follow. */
export class Store<T> {
  #value: T
  readonly #listeners = new Set<() => void>()

  constructor(value: T) {
    this.#value = value
  }

  get value(): T {
    return this.#value
  }

  set value(value: T) {
    this.#value = value
    for (const listener of [...this.#listeners]) listener()
  }

  /** Gives the function that ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

export function useStore<T>(store: Store<T>): T {
  const [, render] = useState({})
  useEffect(() => store.subscribe(() => render({})), [store])
  return store.value
}
