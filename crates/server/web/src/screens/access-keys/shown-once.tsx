import { useState } from 'preact/hooks'

import { API_BASE } from '../../api'
import type { AccessKeyCredentials } from '../../crypto/access-key'
import { credentialsFile } from '../../domain/access-keys'
import { announce } from '../../ui/announce'
import { CopyButton } from '../../ui/copy'
import { Dialog } from '../../ui/dialog'
import { download } from '../../ui/download'
import { Icon } from '../../ui/icons'

interface Props {
  title: string
  credentials: AccessKeyCredentials
  onClose: () => void
}

/** The id and the secret, this once. Closing asks again unless the secret was copied or downloaded. */
export function ShownOnce({ title, credentials, onClose }: Props) {
  const [kept, setKept] = useState(false)
  const [asking, setAsking] = useState(false)
  const close = () => (kept ? onClose() : setAsking(true))
  const save = () => {
    const text = credentialsFile(credentials, API_BASE)
    download(`locker-access-key-${credentials.id.slice(0, 8)}.env`, new Blob([text], { type: 'text/plain' }))
    setKept(true)
    announce('The access key is downloaded.')
  }

  return (
    <Dialog title={title} onClose={close} wide>
      <p>
        Copy or download it now. <strong>The secret is not shown again</strong>, and neither this page nor the
        server can bring it back.
      </p>
      <dl class="credentials">
        <Shown name="Access key ID" value={credentials.id} what="the access key id" />
        <Shown
          name="Access key secret"
          value={credentials.secret}
          what="the access key secret"
          onCopied={() => setKept(true)}
        />
      </dl>
      <div role="alert">
        {asking && !kept && (
          <p class="notice">
            The secret was neither copied nor downloaded. Without it the access key is of no use, and you
            would have to regenerate it.
          </p>
        )}
      </div>
      <div class="actions">
        <button type="button" class="start" onClick={save}>
          <Icon name="download" />
          Download as a file
        </button>
        {asking && !kept ? (
          <button type="button" class="danger" onClick={onClose}>
            Close without keeping it
          </button>
        ) : (
          <button type="button" class="primary" onClick={close}>
            Done
          </button>
        )}
      </div>
    </Dialog>
  )
}

interface ShownProps {
  name: string
  value: string
  what: string
  onCopied?: () => void
}

function Shown({ name, value, what, onCopied }: ShownProps) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <code>{value}</code>
        <CopyButton what={what} text={() => value} {...(onCopied && { onCopied })} />
      </dd>
    </>
  )
}
