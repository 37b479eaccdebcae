import { useEffect, useRef } from 'preact/hooks'

let first = true

/** The name of a screen. It gets the focus when one comes from another screen, so that it is read out. */
export function ScreenHeading({ title, top = false }: { title: string; top?: boolean }) {
  const Heading = top ? 'h1' : 'h2'
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (!first) heading.current?.focus()
    first = false
  }, [])
  return (
    <Heading ref={heading} tabIndex={-1}>
      {title}
    </Heading>
  )
}
