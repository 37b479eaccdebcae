import { useEffect, useState } from 'preact/hooks'

import type { LogEntry } from '../api'
import type { OpenProject } from '../domain/project'
import { useAction } from '../ui/action'
import { announce } from '../ui/announce'
import { download } from '../ui/download'
import { Failure } from '../ui/form'
import { ScreenHeading } from '../ui/heading'
import { Icon } from '../ui/icons'
import { useLoad } from '../ui/load'
import { Empty, Failed, Loading } from '../ui/states'
import { type Column, Table } from '../ui/table'
import { Time } from '../ui/time'

interface Props {
  project: OpenProject
  accountId: string
}

export function AccessLog({ project: { api, project }, accountId }: Props) {
  const { loaded, reload } = useLoad(() => api.accessLog(project.id), [project.id])
  const [older, setOlder] = useState<{ entries: LogEntry[]; next: string | null }>()
  const newest = loaded.state === 'ready' ? loaded.value : undefined
  const next = older ? older.next : (newest?.next ?? null)
  // What was older than a list is not what is older than a newer one.
  useEffect(() => setOlder(undefined), [newest])

  const more = useAction(async () => {
    if (next === null) return
    const page = await api.accessLog(project.id, next)
    setOlder({ entries: [...(older?.entries ?? []), ...page.results], next: page.next })
    announce(`${page.results.length} older entries loaded.`)
  })
  const save = useAction(async () => {
    download(`access-log-project-${project.id}.jsonl`, await api.exportAccessLog(project.id))
    announce('The access log is downloaded.')
  })
  const refresh = useAction(async () => {
    await reload()
    announce('The access log is up to date.')
  })

  return (
    <section>
      <div class="screen-head">
        <ScreenHeading title="Access log" />
        <button type="button" aria-disabled={refresh.busy || undefined} onClick={refresh.run}>
          Refresh
        </button>
        <button type="button" aria-disabled={save.busy || undefined} onClick={save.run}>
          <Icon name="download" />
          Export as JSON lines
        </button>
      </div>
      <Failure text={save.error} />
      {loaded.state === 'loading' && <Loading what="the access log" />}
      {loaded.state === 'failed' && <Failed error={loaded.error} onRetry={reload} />}
      {newest &&
        (newest.results.length === 0 ? (
          <Empty icon="list" title="Nothing has happened yet">
            <p>Every read and write of this project, and every refused attempt, is noted here.</p>
          </Empty>
        ) : (
          <Table
            caption="Access log of the project, newest first"
            columns={columns(accountId)}
            rows={[...newest.results, ...(older?.entries ?? [])]}
            rowKey={({ id }) => id}
          />
        ))}
      <Failure text={more.error} />
      {next !== null && (
        <div class="more">
          <button type="button" aria-disabled={more.busy || undefined} onClick={more.run}>
            Older
          </button>
        </div>
      )}
    </section>
  )
}

function columns(accountId: string): Column<LogEntry>[] {
  return [
    { title: 'When', class: 'date', cell: ({ date }) => <Time date={date} /> },
    { title: 'Who', cell: (entry) => <Who entry={entry} accountId={accountId} /> },
    { title: 'What', header: true, cell: ({ action }) => describe(action) },
    {
      title: 'Item',
      cell: ({ item_id }) => (item_id === null ? <span class="none">None</span> : <ShortId id={item_id} />),
    },
    { title: 'From', cell: ({ address }) => <code>{address}</code> },
    { title: 'Result', cell: ({ status }) => <Result status={status} /> },
  ]
}

function Who({ entry, accountId }: { entry: LogEntry; accountId: string }) {
  if (entry.access_key_id !== null)
    return (
      <>
        Access key <ShortId id={entry.access_key_id} />
      </>
    )
  if (entry.account_id === accountId) return <>You</>
  if (entry.account_id !== null)
    return (
      <>
        Account <ShortId id={entry.account_id} />
      </>
    )
  return <>Unknown</>
}

/** The beginning tells ids apart; all of it is there to point at and to copy. */
function ShortId({ id }: { id: string }) {
  return id.length > 12 ? (
    <code title={id}>
      {id.slice(0, 8)}
      <span class="visually-hidden">{id.slice(8)}</span>…
    </code>
  ) : (
    <code>{id}</code>
  )
}

function Result({ status }: { status: number }) {
  return status < 400 ? (
    <span class="pill good">OK</span>
  ) : (
    <span class="pill bad">
      {status < 500 ? 'Refused' : 'Failed'} ({status})
    </span>
  )
}

const SUBJECTS: Record<string, string> = {
  profile: 'the project key',
  secret: 'a secret',
  environment: 'an environment',
  access_key: 'an access key',
  project: 'the project',
  access_log: 'the access log',
  sync: 'what has changed',
}

const VERBS: Record<string, string> = {
  list: 'Listed',
  read: 'Read',
  create: 'Created',
  update: 'Changed',
  delete: 'Deleted',
  activate: 'Activated',
  deactivate: 'Deactivated',
  rotate: 'Regenerated',
  export: 'Exported',
}

const PLURALS: Record<string, string> = {
  'secret.list': 'Listed secrets',
  'environment.list': 'Listed environments',
  'access_key.list': 'Listed access keys',
}

/** An action in words; one that this page does not know as it is. */
export function describe(action: string): string {
  const [subject = '', verb = ''] = action.split('.')
  const known = SUBJECTS[subject] !== undefined && VERBS[verb] !== undefined
  return PLURALS[action] ?? (known ? `${VERBS[verb]} ${SUBJECTS[subject]}` : action)
}
