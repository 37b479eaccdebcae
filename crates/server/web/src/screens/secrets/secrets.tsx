import { useMemo, useState } from 'preact/hooks'

import { type Environment, listEnvironments } from '../../domain/environments'
import type { OpenProject } from '../../domain/project'
import { listSecrets, type Secret } from '../../domain/secrets'
import { ScreenHeading } from '../../ui/heading'
import { Icon } from '../../ui/icons'
import { useLoad } from '../../ui/load'
import { Empty, Failed, Loading } from '../../ui/states'
import { type Column, Table } from '../../ui/table'
import { Time } from '../../ui/time'
import { DeleteSecret } from './delete-secret'
import { SecretFilter, type Filter, matches, NO_FILTER } from './filter'
import { SecretForm } from './secret-form'
import { SecretValue } from './secret-value'

type Open = { dialog: 'create' } | { dialog: 'edit' | 'delete'; secret: Secret }

/** So many rows at first: a browser draws thousands slowly. */
const SHOWN = 200

export function Secrets({ project }: { project: OpenProject }) {
  const [open, setOpen] = useState<Open>()
  const { loaded, reload } = useLoad(async () => {
    const [secrets, environments] = await Promise.all([listSecrets(project), listEnvironments(project)])
    return { secrets, environments }
  }, [project])
  const close = () => setOpen(undefined)
  const done = async () => {
    await reload()
    close()
  }

  return (
    <section>
      <div class="screen-head">
        <ScreenHeading title="Secrets" />
        <button
          type="button"
          class="primary"
          disabled={loaded.state !== 'ready'}
          onClick={() => setOpen({ dialog: 'create' })}
        >
          <Icon name="plus" />
          New secret
        </button>
      </div>
      {loaded.state === 'loading' && <Loading what="secrets" />}
      {loaded.state === 'failed' && <Failed error={loaded.error} onRetry={reload} />}
      {loaded.state === 'ready' && (
        <>
          <SecretList {...loaded.value} project={project} onOpen={setOpen} />
          {(open?.dialog === 'create' || open?.dialog === 'edit') && (
            <SecretForm
              project={project}
              secret={open.dialog === 'edit' ? open.secret : undefined}
              environments={loaded.value.environments}
              onClose={close}
              onDone={done}
            />
          )}
          {open?.dialog === 'delete' && (
            <DeleteSecret project={project} secret={open.secret} onClose={close} onDone={done} />
          )}
        </>
      )}
    </section>
  )
}

interface ListProps {
  project: OpenProject
  secrets: Secret[]
  environments: Environment[]
  onOpen: (open: Open) => void
}

function SecretList({ project, secrets, environments, onOpen }: ListProps) {
  const [filter, setFilter] = useState<Filter>(NO_FILTER)
  const [shown, setShown] = useState(SHOWN)
  const names = useMemo(() => new Map(environments.map(({ id, name }) => [id, name])), [environments])
  const found = useMemo(() => secrets.filter((secret) => matches(secret, filter)), [secrets, filter])

  if (secrets.length === 0)
    return (
      <Empty icon="lock" title="No secret yet">
        <p>
          Passwords, tokens and connection strings go here. They are encrypted before they leave this browser.
        </p>
        <button type="button" class="primary" onClick={() => onOpen({ dialog: 'create' })}>
          Create a secret
        </button>
      </Empty>
    )

  const columns: Column<Secret>[] = [
    {
      title: 'Key',
      header: true,
      class: 'grow',
      cell: (secret) =>
        secret.unreadable ? (
          <span class="damaged">Cannot be decrypted with this project’s key</span>
        ) : (
          <>
            <span class="mono name">{secret.key}</span>
            {secret.description && <span class="description">{secret.description}</span>}
          </>
        ),
    },
    {
      title: 'Environment',
      cell: ({ environmentId }) =>
        environmentId === null ? (
          <span class="tag all">ALL</span>
        ) : (
          <span class="tag">{names.get(environmentId) || 'unknown'}</span>
        ),
    },
    {
      title: 'Value',
      class: 'value',
      cell: (secret) => (secret.unreadable ? null : <SecretValue project={project} secret={secret} />),
    },
    { title: 'Changed', class: 'date', cell: (secret) => <Time date={secret.revisionDate} /> },
    {
      title: 'Actions',
      untitled: true,
      class: 'row-actions',
      cell: (secret) => (
        <>
          <button
            type="button"
            class="small"
            disabled={secret.unreadable}
            aria-label={`Edit ${secret.key}`}
            onClick={() => onOpen({ dialog: 'edit', secret })}
          >
            Edit
          </button>
          <button
            type="button"
            class="small"
            aria-label={`Delete ${secret.key}`}
            onClick={() => onOpen({ dialog: 'delete', secret })}
          >
            Delete
          </button>
        </>
      ),
    },
  ]
  return (
    <>
      <SecretFilter
        filter={filter}
        onFilter={setFilter}
        environments={environments}
        found={found.length}
        total={secrets.length}
      />
      {found.length === 0 ? (
        <Empty icon="search" title="Nothing matches">
          <p>No secret has this text in its key or description in this environment.</p>
          <button type="button" onClick={() => setFilter(NO_FILTER)}>
            Show all secrets
          </button>
        </Empty>
      ) : (
        <Table
          caption="Secrets of the project"
          columns={columns}
          rows={found.slice(0, shown)}
          rowKey={({ id, revisionDate }) => `${id} ${revisionDate}`}
        />
      )}
      {found.length > shown && (
        <div class="more">
          <button type="button" onClick={() => setShown(shown + SHOWN)}>
            Show more
          </button>
        </div>
      )}
    </>
  )
}
