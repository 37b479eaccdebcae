import { useState } from 'preact/hooks'

import {
  changeEnvironment,
  createEnvironment,
  type Environment,
  listEnvironments,
} from '../domain/environments'
import type { OpenProject } from '../domain/project'
import { InputError } from '../explain'
import { useAction } from '../ui/action'
import { announce } from '../ui/announce'
import { Dialog } from '../ui/dialog'
import { Actions, Form, TextField } from '../ui/form'
import { ScreenHeading } from '../ui/heading'
import { Icon } from '../ui/icons'
import { useLoad } from '../ui/load'
import { Empty, Failed, Loading } from '../ui/states'
import { type Column, Table } from '../ui/table'
import { Time } from '../ui/time'

type Open = { dialog: 'create' } | { dialog: 'edit' | 'delete'; environment: Environment }

export function Environments({ project }: { project: OpenProject }) {
  const [open, setOpen] = useState<Open>()
  const { loaded, reload } = useLoad(() => listEnvironments(project), [project])
  const close = () => setOpen(undefined)
  const done = async () => {
    await reload()
    close()
  }

  return (
    <section>
      <div class="screen-head">
        <ScreenHeading title="Environments" />
        <button type="button" class="primary" onClick={() => setOpen({ dialog: 'create' })}>
          <Icon name="plus" />
          New environment
        </button>
      </div>
      {loaded.state === 'loading' && <Loading what="environments" />}
      {loaded.state === 'failed' && <Failed error={loaded.error} onRetry={reload} />}
      {loaded.state === 'ready' &&
        (loaded.value.length === 0 ? (
          <Empty icon="layers" title="No environment yet">
            <p>
              An environment, such as production or staging, gives a secret a value of its own there. Secrets
              in ALL need none.
            </p>
            <button type="button" class="primary" onClick={() => setOpen({ dialog: 'create' })}>
              Create an environment
            </button>
          </Empty>
        ) : (
          <Table
            caption="Environments of the project"
            columns={columns(setOpen)}
            rows={loaded.value}
            rowKey={({ id }) => id}
          />
        ))}
      {(open?.dialog === 'create' || open?.dialog === 'edit') && (
        <EnvironmentForm
          project={project}
          environment={open.dialog === 'edit' ? open.environment : undefined}
          onClose={close}
          onDone={done}
        />
      )}
      {open?.dialog === 'delete' && (
        <DeleteEnvironment project={project} environment={open.environment} onClose={close} onDone={done} />
      )}
    </section>
  )
}

function columns(onOpen: (open: Open) => void): Column<Environment>[] {
  return [
    {
      title: 'Name',
      header: true,
      class: 'grow',
      cell: (environment) =>
        environment.unreadable ? (
          <span class="damaged">Cannot be decrypted with this project’s key</span>
        ) : (
          <>
            <span class="name">{environment.name}</span>
            {environment.description && <span class="description">{environment.description}</span>}
          </>
        ),
    },
    {
      title: 'URL',
      class: 'url',
      // Text, not a link: whoever may write here could make it any address.
      cell: ({ externalUrl }) => externalUrl || <span class="none">None</span>,
    },
    { title: 'Changed', class: 'date', cell: (environment) => <Time date={environment.revisionDate} /> },
    {
      title: 'Actions',
      untitled: true,
      class: 'row-actions',
      cell: (environment) => (
        <>
          <button
            type="button"
            class="small"
            disabled={environment.unreadable}
            aria-label={`Edit ${environment.name}`}
            onClick={() => onOpen({ dialog: 'edit', environment })}
          >
            Edit
          </button>
          <button
            type="button"
            class="small"
            aria-label={`Delete ${environment.name}`}
            onClick={() => onOpen({ dialog: 'delete', environment })}
          >
            Delete
          </button>
        </>
      ),
    },
  ]
}

interface DialogProps<E> {
  project: OpenProject
  environment: E
  onClose: () => void
  onDone: () => Promise<void>
}

function EnvironmentForm({ project, environment, onClose, onDone }: DialogProps<Environment | undefined>) {
  const [name, setName] = useState(environment?.name ?? '')
  const [externalUrl, setExternalUrl] = useState(environment?.externalUrl ?? '')
  const [description, setDescription] = useState(environment?.description ?? '')
  const { run, busy, error } = useAction(async () => {
    if (!name) throw new InputError('Enter a name, such as production.')
    const draft = { name, externalUrl, description }
    if (environment) await changeEnvironment(project, environment, draft)
    else await createEnvironment(project, draft)
    await onDone()
    announce(environment ? 'Environment saved.' : 'Environment created.')
  })
  return (
    <Dialog title={environment ? 'Edit environment' : 'New environment'} onClose={onClose}>
      <Form
        onSubmit={run}
        error={error}
        actions={
          <Actions submit={environment ? 'Save' : 'Create environment'} busy={busy} onCancel={onClose} />
        }
      >
        <TextField
          label="Name"
          hint="The name by which programs ask for it."
          value={name}
          onValue={setName}
          autofocus
        />
        <TextField
          label="URL (optional)"
          hint="Where it runs."
          value={externalUrl}
          onValue={setExternalUrl}
        />
        <TextField label="Description (optional)" value={description} onValue={setDescription} />
      </Form>
    </Dialog>
  )
}

function DeleteEnvironment({ project, environment, onClose, onDone }: DialogProps<Environment>) {
  const { run, busy, error } = useAction(async () => {
    await project.api.deleteEnvironment(project.project.id, environment.id)
    await onDone()
    announce('Environment deleted.')
  })
  return (
    <Dialog title="Delete environment" onClose={onClose}>
      <Form
        onSubmit={run}
        error={error}
        actions={<Actions submit="Delete environment" busy={busy} danger onCancel={onClose} />}
      >
        <p>
          {environment.unreadable ? 'This environment' : <strong>{environment.name}</strong>} can be deleted
          once no secret is in it. It cannot be brought back.
        </p>
      </Form>
    </Dialog>
  )
}
