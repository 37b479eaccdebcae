/** How far the derivation is. It keeps its room when it is not shown. */
export function Stretching({ progress }: { progress: number | undefined }) {
  return (
    <div class={progress === undefined ? 'stretching off' : 'stretching'}>
      <progress max={1} value={progress ?? 0} aria-label="Stretching the master password" />
      <p class="hint">Stretching the master password; this takes a few seconds.</p>
    </div>
  )
}
