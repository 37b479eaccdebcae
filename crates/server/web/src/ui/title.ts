import { useEffect } from 'preact/hooks'

/** The title of the document. It goes into the browser's history, so it names no project and no secret. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · locker-server`
  }, [title])
}
