/** What becomes of the master password, and how far that is. Both texts have the same place. */
export function Stretching({ progress }: { progress: number | undefined }) {
  const idle = progress === undefined
  return (
    <div class="stretching">
      <p class={idle ? 'hint' : 'hint off'}>The master password never leaves this browser.</p>
      <div class={idle ? 'off' : ''}>
        <progress max={1} value={progress ?? 0} aria-label="Stretching the master password" />
        <p class="hint">Stretching the master password…</p>
      </div>
    </div>
  )
}
