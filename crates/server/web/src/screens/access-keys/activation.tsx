import { useAction } from '../../ui/action'
import { announce } from '../../ui/announce'
import { Dialog } from '../../ui/dialog'
import { Actions, Form } from '../../ui/form'
import type { AccessKeyDialogProps } from './edit'
import { TwoActive } from './two-active'

export function DeactivateAccessKey({ project, accessKey, onClose, onDone }: AccessKeyDialogProps) {
  const { run, busy, error } = useAction(async () => {
    await project.api.activateAccessKey(project.project.id, accessKey.id, false)
    await onDone()
    announce('Access key deactivated.')
  })
  return (
    <Dialog title="Deactivate access key" onClose={onClose}>
      <Form
        onSubmit={run}
        error={error}
        actions={<Actions submit="Deactivate" busy={busy} danger onCancel={onClose} />}
      >
        <p>
          Every call with <code>{accessKey.id}</code> is refused from now on, also by programs that run
          already. It can be activated again.
        </p>
      </Form>
    </Dialog>
  )
}

interface ActivateProps extends AccessKeyDialogProps {
  active: number | undefined
}

export function ActivateAccessKey({ project, accessKey, active, onClose, onDone }: ActivateProps) {
  const { run, busy, error } = useAction(async () => {
    await project.api.activateAccessKey(project.project.id, accessKey.id, true)
    await onDone()
    announce('Access key activated.')
  })
  return (
    <Dialog title="Activate access key" onClose={onClose}>
      <Form
        onSubmit={run}
        error={error}
        actions={<Actions submit="Activate" busy={busy} onCancel={onClose} />}
      >
        <TwoActive active={active} />
        <p>
          Calls with <code>{accessKey.id}</code> are answered again, with the secret that it had.
        </p>
      </Form>
    </Dialog>
  )
}
