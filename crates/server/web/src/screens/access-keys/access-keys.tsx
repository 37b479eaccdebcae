import { useState } from 'preact/hooks'

import type { AccessKey } from '../../api'
import type { AccessKeyCredentials } from '../../crypto/access-key'
import { MAX_ACTIVE_KEYS } from '../../domain/access-keys'
import type { OpenProject } from '../../domain/project'
import { CopyButton } from '../../ui/copy'
import { ScreenHeading } from '../../ui/heading'
import { Icon } from '../../ui/icons'
import { useLoad } from '../../ui/load'
import { Empty, Failed, Loading } from '../../ui/states'
import { type Column, Table } from '../../ui/table'
import { Time } from '../../ui/time'
import { ActivateAccessKey, DeactivateAccessKey } from './activation'
import { CreateAccessKey } from './create'
import { DeleteAccessKey } from './delete'
import { EditAccessKey } from './edit'
import { RegenerateAccessKey } from './regenerate'
import { ShownOnce } from './shown-once'

type Verb = 'edit' | 'deactivate' | 'activate' | 'regenerate' | 'delete'
type Open =
  | { dialog: 'create' }
  | { dialog: Verb; accessKey: AccessKey }
  | { dialog: 'shown'; title: string; credentials: AccessKeyCredentials }

export function AccessKeys({ project }: { project: OpenProject }) {
  const [open, setOpen] = useState<Open>()
  const { loaded, reload } = useLoad(() => project.api.accessKeys(project.project.id), [project])
  const active =
    loaded.state === 'ready' ? loaded.value.filter(({ activated }) => activated).length : undefined
  const close = () => setOpen(undefined)
  const done = async () => {
    await reload()
    close()
  }
  const show = async (title: string, credentials: AccessKeyCredentials) => {
    // First of all the secret: it is nowhere else.
    setOpen({ dialog: 'shown', title, credentials })
    await reload()
  }

  return (
    <section>
      <div class="screen-head">
        <ScreenHeading title="Access keys" />
        {active !== undefined && (
          <span class={active >= MAX_ACTIVE_KEYS ? 'pill full' : 'pill'}>
            {active} of {MAX_ACTIVE_KEYS} active
          </span>
        )}
        <button type="button" class="primary" onClick={() => setOpen({ dialog: 'create' })}>
          <Icon name="plus" />
          Create access key
        </button>
      </div>
      {loaded.state === 'loading' && <Loading what="access keys" />}
      {loaded.state === 'failed' && <Failed error={loaded.error} onRetry={reload} />}
      {loaded.state === 'ready' &&
        (loaded.value.length === 0 ? (
          <Empty icon="key" title="No access key yet">
            <p>
              Programs read this project’s secrets with an access key: an id, and a secret that is shown once.
            </p>
            <button type="button" class="primary" onClick={() => setOpen({ dialog: 'create' })}>
              Create an access key
            </button>
          </Empty>
        ) : (
          <Table
            caption="Access keys of the project"
            columns={columns(setOpen)}
            rows={loaded.value}
            rowKey={({ id }) => id}
          />
        ))}
      {open && (
        <OpenDialog
          open={open}
          project={project}
          active={active}
          onClose={close}
          onDone={done}
          onShow={show}
        />
      )}
    </section>
  )
}

interface DialogProps {
  open: Open
  project: OpenProject
  active: number | undefined
  onClose: () => void
  onDone: () => Promise<void>
  onShow: (title: string, credentials: AccessKeyCredentials) => Promise<void>
}

function OpenDialog({ open, project, active, onClose, onDone, onShow }: DialogProps) {
  const common = { project, onClose, onDone }
  switch (open.dialog) {
    case 'create':
      return (
        <CreateAccessKey
          project={project}
          active={active}
          onClose={onClose}
          onCreated={(credentials) => onShow('Access key created', credentials)}
        />
      )
    case 'edit':
      return <EditAccessKey {...common} accessKey={open.accessKey} />
    case 'activate':
      return <ActivateAccessKey {...common} accessKey={open.accessKey} active={active} />
    case 'deactivate':
      return <DeactivateAccessKey {...common} accessKey={open.accessKey} />
    case 'regenerate':
      return (
        <RegenerateAccessKey
          project={project}
          accessKey={open.accessKey}
          onClose={onClose}
          onRegenerated={(credentials) => onShow('Access key regenerated', credentials)}
        />
      )
    case 'delete':
      return <DeleteAccessKey {...common} accessKey={open.accessKey} />
    case 'shown':
      return <ShownOnce title={open.title} credentials={open.credentials} onClose={onClose} />
  }
}

function columns(onOpen: (open: Open) => void): Column<AccessKey>[] {
  return [
    {
      title: 'Access key ID',
      header: true,
      class: 'id',
      cell: ({ id }) => (
        <span class="id-cell">
          <code>{id}</code>
          <CopyButton what={`the access key id ${id}`} text={() => id} compact />
        </span>
      ),
    },
    {
      title: 'Permission',
      class: 'permission',
      cell: ({ permission }) => (permission === 'read' ? 'Read' : 'Read & Write'),
    },
    {
      title: 'IP restriction',
      cell: ({ restrict_ip }) =>
        restrict_ip.length === 0 ? (
          <span class="none">Any address</span>
        ) : (
          <span class="addresses">
            {restrict_ip.map((address) => (
              <code key={address}>{address}</code>
            ))}
          </span>
        ),
    },
    {
      title: 'Status',
      cell: ({ activated, expiration_date }) => (
        <>
          <span class={activated ? 'pill good' : 'pill'}>{activated ? 'Active' : 'Inactive'}</span>
          {expiration_date !== null && (
            <span class="description">
              Ends <Time date={expiration_date} />
            </span>
          )}
        </>
      ),
    },
    {
      title: 'Last use',
      class: 'date',
      cell: ({ last_use_date }) =>
        last_use_date === null ? <span class="none">Never</span> : <Time date={last_use_date} />,
    },
    { title: 'Created', class: 'date', cell: ({ creation_date }) => <Time date={creation_date} /> },
    {
      title: 'Actions',
      untitled: true,
      class: 'row-actions',
      cell: (accessKey) => <RowActions accessKey={accessKey} onOpen={onOpen} />,
    },
  ]
}

function RowActions({ accessKey, onOpen }: { accessKey: AccessKey; onOpen: (open: Open) => void }) {
  const actions: [Verb, string][] = [
    ['edit', 'Edit'],
    accessKey.activated ? ['deactivate', 'Deactivate'] : ['activate', 'Activate'],
    ['regenerate', 'Regenerate'],
    ['delete', 'Delete'],
  ]
  return (
    <>
      {actions.map(([verb, label]) => (
        <button
          key={verb}
          type="button"
          class="small"
          aria-label={`${label} the access key ${accessKey.id}`}
          onClick={() => onOpen({ dialog: verb, accessKey })}
        >
          {label}
        </button>
      ))}
    </>
  )
}
