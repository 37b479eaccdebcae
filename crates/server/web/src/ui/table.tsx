import type { ComponentChildren } from 'preact'

export interface Column<T> {
  title: string
  cell: (row: T) => ComponentChildren
  /** Names the row, for those who move through the table by ear. */
  header?: boolean
  /** The title is only read out. */
  untitled?: boolean
  class?: string
}

interface Props<T> {
  caption: string
  columns: readonly Column<T>[]
  rows: readonly T[]
  rowKey: (row: T) => string
}

/**
 * A table; on a narrow screen its rows are cards. The roles say what the elements are by themselves until the cards'
 * layout takes it from them.
 */
export function Table<T>({ caption, columns, rows, rowKey }: Props<T>) {
  return (
    <table class="table" role="table">
      <caption class="visually-hidden">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.title} scope="col" role="columnheader" class={column.class}>
              {column.untitled ? <span class="visually-hidden">{column.title}</span> : column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={rowKey(row)} role="row">
            {columns.map((column) => (
              <Cell key={column.title} column={column} row={row} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Cell<T>({ column, row }: { column: Column<T>; row: T }) {
  const label = column.untitled ? undefined : column.title
  return column.header ? (
    <th scope="row" role="rowheader" class={column.class} data-label={label}>
      <div>{column.cell(row)}</div>
    </th>
  ) : (
    <td role="cell" class={column.class} data-label={label}>
      <div>{column.cell(row)}</div>
    </td>
  )
}
