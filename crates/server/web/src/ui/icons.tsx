const paths = {
  lock: 'M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z',
  plus: 'M12 5v14M5 12h14',
  search: 'M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13zM15.5 15.5 20 20',
  download: 'M12 4v11m0 0-4-4m4 4 4-4M5 20h14',
  key: 'M14.5 3a6.5 6.5 0 1 0-3.3 12.1L13 13.5h2V11h2.5l.6-.6A6.5 6.5 0 0 0 14.5 3zM16 8h.01',
  layers: 'm12 3 9 5-9 5-9-5zM3 13l9 5 9-5',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  folder: 'M3 6h6l2 2h10v11H3z',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  alert: 'M12 8v5m0 3h.01M12 3 2.5 20h19z',
} as const

export type IconName = keyof typeof paths

/** Says nothing that the words beside it do not say. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  )
}
