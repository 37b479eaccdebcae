import { useState } from 'preact/hooks'

import { InputError } from '../../explain'
import { useAction } from '../../ui/action'
import { announce } from '../../ui/announce'
import { Dialog } from '../../ui/dialog'
import { Actions, Form, TextField } from '../../ui/form'
import type { AccessKeyDialogProps } from './edit'

export function DeleteAccessKey({ project, accessKey, onClose, onDone }: AccessKeyDialogProps) {
  const [typed, setTyped] = useState('')
  const { run, busy, error } = useAction(async () => {
    if (typed.trim() !== accessKey.id)
      throw new InputError('This is not the id of the access key. Compare the two.')
    await project.api.deleteAccessKey(project.project.id, accessKey.id, typed.trim())
    await onDone()
    announce('Access key deleted.')
  })
  return (
    <Dialog title="Delete access key" onClose={onClose}>
      <Form
        onSubmit={run}
        error={error}
        actions={<Actions submit="Delete access key" busy={busy} danger onCancel={onClose} />}
      >
        <p>
          Every call with it is refused from now on, and it cannot be brought back. What programs have fetched
          already stays with them.
        </p>
        <TextField
          label="Type the access key ID to confirm"
          hint={<code>{accessKey.id}</code>}
          value={typed}
          onValue={setTyped}
          monospace
          autofocus
        />
      </Form>
    </Dialog>
  )
}
