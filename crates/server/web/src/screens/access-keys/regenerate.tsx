import { useState } from 'preact/hooks'

import type { AccessKey } from '../../api'
import type { AccessKeyCredentials } from '../../crypto/access-key'
import { makeCredentials, rotateAccessKey } from '../../domain/access-keys'
import type { OpenProject } from '../../domain/project'
import { useAction } from '../../ui/action'
import { Dialog } from '../../ui/dialog'
import { Actions, Form } from '../../ui/form'

interface Props {
  project: OpenProject
  accessKey: AccessKey
  onClose: () => void
  onRegenerated: (credentials: AccessKeyCredentials) => Promise<void>
}

export function RegenerateAccessKey({ project, accessKey, onClose, onRegenerated }: Props) {
  // One secret for each time that the dialog is open: a second attempt changes nothing more.
  const [credentials] = useState(() => ({ ...makeCredentials(), id: accessKey.id }))
  const { run, busy, error } = useAction(async () => {
    await rotateAccessKey(project, credentials)
    await onRegenerated(credentials)
  })
  return (
    <Dialog title="Regenerate access key" onClose={onClose}>
      <Form
        onSubmit={run}
        error={error}
        actions={<Actions submit="Regenerate" busy={busy} danger onCancel={onClose} />}
      >
        <p>
          <code>{accessKey.id}</code> keeps its id, its permission and its IP restriction, and gets a new
          secret.
        </p>
        <ul>
          <li>The old secret no longer opens the project.</li>
          <li>Every program that uses it needs the new one.</li>
          <li>The new secret is shown once, in the next step.</li>
        </ul>
      </Form>
    </Dialog>
  )
}
