import { useState } from 'preact/hooks'

import { ApiError } from '../api'
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, passwordLength } from '../crypto/master-password'
import { api, signIn, signUp } from '../session'
import { InputError } from '../explain'
import { useAction } from '../ui/action'
import { Form, PasswordField, TextField } from '../ui/form'
import { useLoad } from '../ui/load'
import { Narrow } from '../ui/narrow'
import { Failed } from '../ui/states'
import { Stretching } from './stretching'

export function SignIn({ notice }: { notice: string | undefined }) {
  const { loaded, reload } = useLoad(() => api.signUpOpen(), [])
  const [chosen, setChosen] = useState<'sign-in' | 'sign-up'>()

  if (loaded.state === 'loading') return null
  if (loaded.state === 'failed')
    return (
      <Narrow title="Sign in">
        <Failed error={loaded.error} onRetry={reload} />
      </Narrow>
    )
  // Nobody who was signed in before needs a first account.
  const first = loaded.value && notice === undefined ? 'sign-up' : 'sign-in'
  const shown = chosen ?? first
  return shown === 'sign-up' ? (
    <SignUpForm onSignIn={() => setChosen('sign-in')} />
  ) : (
    <SignInForm notice={notice} onSignUp={loaded.value ? () => setChosen('sign-up') : undefined} />
  )
}

interface SignInProps {
  notice: string | undefined
  onSignUp: (() => void) | undefined
}

function SignInForm({ notice, onSignUp }: SignInProps) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [progress, setProgress] = useState<number>()
  const { run, busy, error } = useAction(async () => {
    if (!email.trim()) throw new InputError('Enter your email address.')
    if (!password) throw new InputError('Enter your master password.')
    try {
      await signIn(email.trim(), password, setProgress)
    } catch (failure) {
      if (failure instanceof ApiError && failure.status === 401)
        throw new InputError('The email address or the master password is wrong. Check both and try again.')
      throw failure
    } finally {
      setProgress(undefined)
    }
  })
  return (
    <Narrow title="Sign in">
      {notice && (
        <p class="notice" role="status">
          {notice}
        </p>
      )}
      <Form
        onSubmit={run}
        error={error}
        actions={
          <>
            <button type="submit" class="primary wide" aria-disabled={busy || undefined}>
              {busy ? 'Signing in…' : 'Sign in'}
            </button>
            <Stretching progress={progress} />
          </>
        }
      >
        <TextField
          label="Email address"
          type="email"
          autocomplete="username"
          value={email}
          onValue={setEmail}
          required
          autofocus
        />
        <PasswordField label="Master password" value={password} onValue={setPassword} />
      </Form>
      {onSignUp && (
        <p class="other-way">
          New here?{' '}
          <button type="button" class="link" onClick={onSignUp}>
            Create an account
          </button>
        </p>
      )}
    </Narrow>
  )
}

function SignUpForm({ onSignIn }: { onSignIn: () => void }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const [progress, setProgress] = useState<number>()
  const problems = {
    email: emailProblem(email.trim()),
    password: passwordProblem(password),
    again: password === again ? undefined : 'The two passwords differ.',
  }
  const { run, busy, error } = useAction(async () => {
    setTried(true)
    if (Object.values(problems).some(Boolean)) return
    try {
      await signUp(email.trim(), password, setProgress)
    } finally {
      setProgress(undefined)
    }
  })
  return (
    <Narrow title="Create an account">
      <p>
        Everything is encrypted with your master password before it leaves this browser. The server never sees
        it, so <strong>nobody can reset it</strong>: without it the secrets are lost.
      </p>
      <Form
        onSubmit={run}
        error={error}
        actions={
          <>
            <button type="submit" class="primary wide" aria-disabled={busy || undefined}>
              {busy ? 'Creating the account…' : 'Create the account'}
            </button>
            <Stretching progress={progress} />
          </>
        }
      >
        <TextField
          label="Email address"
          type="email"
          autocomplete="username"
          value={email}
          onValue={setEmail}
          error={tried ? problems.email : undefined}
          required
          autofocus
        />
        <PasswordField
          label="Master password"
          isNew
          hint={`At least ${MIN_PASSWORD_LENGTH} characters. Four or five random words are good.`}
          value={password}
          onValue={setPassword}
          error={tried ? problems.password : undefined}
        />
        <PasswordField
          label="Master password again"
          isNew
          value={again}
          onValue={setAgain}
          error={tried ? problems.again : undefined}
        />
      </Form>
      <p class="other-way">
        There is an account already?{' '}
        <button type="button" class="link" onClick={onSignIn}>
          Sign in
        </button>
      </p>
    </Narrow>
  )
}

function emailProblem(email: string): string | undefined {
  return /^[^\s@]+@[^\s@]+$/.test(email) ? undefined : 'Enter an email address, such as ana@example.com.'
}

function passwordProblem(password: string): string | undefined {
  const length = passwordLength(password)
  if (length < MIN_PASSWORD_LENGTH)
    return `The master password has ${length} characters and needs at least ${MIN_PASSWORD_LENGTH}.`
  if (length > MAX_PASSWORD_LENGTH) return `The master password may have ${MAX_PASSWORD_LENGTH} characters.`
  return undefined
}
