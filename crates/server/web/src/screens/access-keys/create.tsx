import { useRef, useState } from 'preact/hooks'

import { UnreachableError } from '../../api'
import type { AccessKeyCredentials } from '../../crypto/access-key'
import { createAccessKey, makeCredentials } from '../../domain/access-keys'
import type { OpenProject } from '../../domain/project'
import { useAction } from '../../ui/action'
import { Dialog } from '../../ui/dialog'
import { Actions, Form } from '../../ui/form'
import { useSettings } from './settings'
import { TwoActive } from './two-active'

interface Props {
  project: OpenProject
  active: number | undefined
  onClose: () => void
  onCreated: (credentials: AccessKeyCredentials) => Promise<void>
}

export function CreateAccessKey({ project, active, onClose, onCreated }: Props) {
  const [credentials] = useState(makeCredentials)
  const retry = useRef(false)
  const { fields, settings } = useSettings({ permission: 'read', restrict_ip: [] })
  const { run, busy, error } = useAction(async () => {
    const wanted = settings()
    if (!wanted) return
    try {
      await createAccessKey(project, credentials, wanted, retry.current)
    } catch (failure) {
      retry.current ||= failure instanceof UnreachableError
      throw failure
    }
    await onCreated(credentials)
  })
  return (
    <Dialog title="Create access key" onClose={onClose}>
      <Form
        onSubmit={run}
        error={error}
        actions={<Actions submit="Create access key" busy={busy} onCancel={onClose} />}
      >
        <TwoActive active={active} />
        {fields}
        <p class="hint">
          The secret is made in this browser and is shown once, in the next step. The server never gets it.
        </p>
      </Form>
    </Dialog>
  )
}
