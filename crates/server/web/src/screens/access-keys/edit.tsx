import type { AccessKey } from '../../api'
import type { OpenProject } from '../../domain/project'
import { useAction } from '../../ui/action'
import { announce } from '../../ui/announce'
import { Dialog } from '../../ui/dialog'
import { Actions, Form } from '../../ui/form'
import { useSettings } from './settings'

/** What every dialog about one access key is given. */
export interface AccessKeyDialogProps {
  project: OpenProject
  accessKey: AccessKey
  onClose: () => void
  onDone: () => Promise<void>
}

export function EditAccessKey({ project, accessKey, onClose, onDone }: AccessKeyDialogProps) {
  const { fields, settings } = useSettings(accessKey)
  const { run, busy, error } = useAction(async () => {
    const wanted = settings()
    if (!wanted) return
    await project.api.changeAccessKey(project.project.id, accessKey.id, wanted)
    await onDone()
    announce('Access key saved.')
  })
  return (
    <Dialog title="Edit access key" onClose={onClose}>
      <Form onSubmit={run} error={error} actions={<Actions submit="Save" busy={busy} onCancel={onClose} />}>
        <p>
          <code>{accessKey.id}</code>
        </p>
        {fields}
        <p class="hint">Changes count from the next call that is made with the access key.</p>
      </Form>
    </Dialog>
  )
}
