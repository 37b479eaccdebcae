import { useState } from 'preact/hooks'

import type { Session } from '../api'
import { signOut, unlock } from '../session'
import { InputError } from '../explain'
import { useAction } from '../ui/action'
import { Form, PasswordField } from '../ui/form'
import { Narrow } from '../ui/narrow'
import { Stretching } from './stretching'

/** The session lives; only the keys are gone, which no reload keeps. */
export function Unlock({ session }: { session: Session }) {
  const [password, setPassword] = useState('')
  const [progress, setProgress] = useState<number>()
  const { run, busy, error } = useAction(async () => {
    if (!password) throw new InputError('Enter your master password.')
    try {
      await unlock(session, password, setProgress)
    } finally {
      setProgress(undefined)
    }
  })
  return (
    <Narrow title="Unlock">
      <p>
        You are signed in as <strong>{session.account.email}</strong>. Your keys are kept in this tab only and
        are gone after a reload.
      </p>
      <Form
        onSubmit={run}
        error={error}
        actions={
          <>
            <button type="submit" class="primary wide" aria-disabled={busy || undefined}>
              {busy ? 'Unlocking…' : 'Unlock'}
            </button>
            <Stretching progress={progress} />
          </>
        }
      >
        {/* For password managers. */}
        <input
          type="email"
          class="visually-hidden"
          autocomplete="username"
          value={session.account.email}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <PasswordField label="Master password" value={password} onValue={setPassword} autofocus />
      </Form>
      <p class="other-way">
        Somebody else?{' '}
        <button type="button" class="link" onClick={() => void signOut()}>
          Sign out
        </button>
      </p>
    </Narrow>
  )
}
