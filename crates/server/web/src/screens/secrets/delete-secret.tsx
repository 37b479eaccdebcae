import type { OpenProject } from '../../domain/project'
import type { Secret } from '../../domain/secrets'
import { useAction } from '../../ui/action'
import { announce } from '../../ui/announce'
import { Dialog } from '../../ui/dialog'
import { Actions, Form } from '../../ui/form'

interface Props {
  project: OpenProject
  secret: Secret
  onClose: () => void
  onDone: () => Promise<void>
}

export function DeleteSecret({ project, secret, onClose, onDone }: Props) {
  const { run, busy, error } = useAction(async () => {
    await project.api.deleteSecret(project.project.id, secret.id)
    await onDone()
    announce('Secret deleted.')
  })
  return (
    <Dialog title="Delete secret" onClose={onClose}>
      <Form
        onSubmit={run}
        error={error}
        actions={<Actions submit="Delete secret" busy={busy} danger onCancel={onClose} />}
      >
        <p>
          {secret.unreadable ? 'This secret' : <strong class="mono">{secret.key}</strong>} is deleted for
          everybody, and cannot be brought back. Programs that ask for it will not find it.
        </p>
      </Form>
    </Dialog>
  )
}
