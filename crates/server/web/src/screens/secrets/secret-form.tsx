import { useState } from 'preact/hooks'

import type { Environment } from '../../domain/environments'
import type { OpenProject } from '../../domain/project'
import { changeSecret, createSecret, revealSecret, type Secret } from '../../domain/secrets'
import { InputError } from '../../explain'
import { useAction } from '../../ui/action'
import { announce } from '../../ui/announce'
import { Dialog } from '../../ui/dialog'
import { Actions, Form, SelectField, TextArea, TextField } from '../../ui/form'

/** In a select, ALL needs a name of its own. */
const ALL = 'ALL'

interface Props {
  project: OpenProject
  /** `undefined`: a new one. */
  secret: Secret | undefined
  environments: Environment[]
  onClose: () => void
  onDone: () => Promise<void>
}

export function SecretForm({ project, secret, environments, onClose, onDone }: Props) {
  const [key, setKey] = useState(secret?.key ?? '')
  const [value, setValue] = useState(secret ? undefined : '')
  const [description, setDescription] = useState(secret?.description ?? '')
  const [environment, setEnvironment] = useState<string>(secret?.environmentId ?? ALL)
  const save = useAction(async () => {
    if (!key) throw new InputError('Enter a key, such as DATABASE_URL.')
    const draft = { key, value, description, environmentId: environment === ALL ? null : environment }
    if (secret) await changeSecret(project, secret, draft, environments)
    else await createSecret(project, draft, environments)
    await onDone()
    announce(secret ? 'Secret saved.' : 'Secret created.')
  })
  const show = useAction(async () => {
    if (secret) setValue(await revealSecret(project, secret))
  })

  return (
    <Dialog title={secret ? 'Edit secret' : 'New secret'} onClose={onClose}>
      <Form
        onSubmit={save.run}
        error={save.error ?? show.error}
        actions={<Actions submit={secret ? 'Save' : 'Create secret'} busy={save.busy} onCancel={onClose} />}
      >
        <TextField
          label="Key"
          hint="The name by which programs ask for it."
          value={key}
          onValue={setKey}
          monospace
          autofocus
        />
        {value === undefined ? (
          <div class="field">
            <span class="label">Value</span>
            <div class="kept">
              <span class="hint">Stays as it is.</span>
              <button type="button" class="small" onClick={show.run}>
                Show and edit the value
              </button>
            </div>
          </div>
        ) : (
          <TextArea label="Value" value={value} onValue={setValue} autofocus={secret !== undefined} />
        )}
        <SelectField
          label="Environment"
          hint="ALL answers in each environment that has no secret of its own with this key."
          value={environment}
          onValue={setEnvironment}
          options={[
            { value: ALL, label: 'ALL' },
            ...environments.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
        <TextField label="Description (optional)" value={description} onValue={setDescription} />
      </Form>
    </Dialog>
  )
}
