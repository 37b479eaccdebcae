import { useEffect, useState } from 'preact/hooks'

import type { OpenProject } from '../../domain/project'
import { revealSecret, type Secret } from '../../domain/secrets'
import { explain } from '../../explain'
import { announce } from '../../ui/announce'
import { CopyButton } from '../../ui/copy'

/** A value is not left on the screen of somebody who went away. */
const SHOWN_FOR = 60_000

/** A value that is decrypted when it is asked for, and forgotten when it is hidden or the screen is left. */
export function SecretValue({ project, secret }: { project: OpenProject; secret: Secret }) {
  const [value, setValue] = useState<string>()
  const hide = () => setValue(undefined)

  useEffect(() => {
    if (value === undefined) return
    const timer = setTimeout(hide, SHOWN_FOR)
    return () => clearTimeout(timer)
  }, [value])

  const reveal = async () => {
    try {
      setValue(await revealSecret(project, secret))
    } catch (error) {
      announce(explain(error))
    }
  }

  return (
    <div class="secret-value">
      {value === undefined ? (
        <span class="masked" aria-label="hidden" role="img">
          ••••••••
        </span>
      ) : (
        <code class="revealed" tabIndex={0} aria-label={`The value of ${secret.key}`} role="group">
          {value === '' ? <em>empty</em> : value}
        </code>
      )}
      <span class="value-actions">
        <button
          type="button"
          class="small"
          aria-label={`${value === undefined ? 'Reveal' : 'Hide'} ${secret.key}`}
          onClick={value === undefined ? reveal : hide}
        >
          <span class="stable">
            <span class={value === undefined ? '' : 'off'}>Reveal</span>
            <span class={value === undefined ? 'off' : ''}>Hide</span>
          </span>
        </button>
        <CopyButton what={`the value of ${secret.key}`} text={() => revealSecret(project, secret)} />
      </span>
    </div>
  )
}
