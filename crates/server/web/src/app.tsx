import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'

import type { Session } from './api'
import type { SymmetricKey } from './crypto/symmetric-key'
import { navigate, homeLink, useRoute } from './router'
import { Home } from './screens/home'
import { NotFound } from './screens/not-found'
import { ProjectScreen } from './screens/project'
import { SignIn } from './screens/sign-in'
import { Unlock } from './screens/unlock'
import { signOut, start, state } from './session'
import { useStore } from './store'
import { Announcer } from './ui/announce'
import { Icon } from './ui/icons'
import { Failed } from './ui/states'
import { Narrow } from './ui/narrow'

export function App() {
  const current = useStore(state)
  useEffect(() => {
    if (hasWebCrypto()) void start()
  }, [])

  if (!hasWebCrypto()) return <Insecure />
  switch (current.phase) {
    case 'loading':
      return null
    case 'unreachable':
      return (
        <Narrow title="No connection">
          <Failed error={current.error} onRetry={start} />
        </Narrow>
      )
    case 'signed-out':
      return <SignIn notice={current.notice} />
    case 'locked':
      return <Unlock session={current.session} />
    case 'unlocked':
      return (
        <Frame session={current.session}>
          <Screen session={current.session} accountKey={current.accountKey} />
        </Frame>
      )
  }
}

/** Browsers have it on secure pages only. */
function hasWebCrypto(): boolean {
  return globalThis.crypto?.subtle !== undefined
}

function Insecure() {
  return (
    <Narrow title="Open this page over https">
      <p>
        This page encrypts and decrypts in the browser, and browsers allow that only over https or on
        localhost. This address is neither: <code>{location.origin}</code>
      </p>
      <p>
        Open it with an address that begins with <code>https://</code>. If there is none yet, start the server
        with <code>--tls-cert</code> and <code>--tls-key</code>, or put it behind a proxy that has TLS.
      </p>
    </Narrow>
  )
}

function Screen({ session, accountKey }: { session: Session; accountKey: SymmetricKey }) {
  const route = useRoute()
  switch (route.name) {
    case 'home':
      return <Home accountKey={accountKey} />
    case 'project':
      return (
        <ProjectScreen
          key={route.projectId}
          projectId={route.projectId}
          tab={route.tab}
          accountKey={accountKey}
          accountId={session.account.id}
        />
      )
    case 'not-found':
      return <NotFound />
  }
}

/** What is around every screen of somebody who is signed in. */
function Frame({ session, children }: { session: Session; children: ComponentChildren }) {
  const skip = (event: Event) => {
    // The hash is the route.
    event.preventDefault()
    document.getElementById('main')?.focus()
  }
  const leave = () => {
    navigate(homeLink)
    void signOut()
  }
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href={homeLink}>
          <Icon name="lock" />
          <span>locker-server</span>
        </a>
        <div class="account">
          <span class="email" title={session.account.email}>
            {session.account.email}
          </span>
          <button type="button" onClick={leave}>
            Sign out
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Announcer />
    </>
  )
}
