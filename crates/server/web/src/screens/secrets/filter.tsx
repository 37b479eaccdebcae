import { useId } from 'preact/hooks'

import type { Environment } from '../../domain/environments'
import type { Secret } from '../../domain/secrets'
import { Icon } from '../../ui/icons'

/** What of the secrets is shown. It is kept nowhere, as the names are secret too. */
export interface Filter {
  text: string
  /** The id of an environment, `ALL`, or empty for every one. */
  environment: string
}

export const NO_FILTER: Filter = { text: '', environment: '' }

export function matches(secret: Secret, { text, environment }: Filter): boolean {
  if (environment !== '' && (secret.environmentId ?? 'ALL') !== environment) return false
  const sought = text.trim().toLowerCase()
  return secret.key.toLowerCase().includes(sought) || secret.description.toLowerCase().includes(sought)
}

interface Props {
  filter: Filter
  onFilter: (filter: Filter) => void
  environments: Environment[]
  found: number
  total: number
}

export function SecretFilter({ filter, onFilter, environments, found, total }: Props) {
  const id = useId()
  return (
    <div class="filter" role="search">
      <div class="search">
        <Icon name="search" />
        <label class="visually-hidden" for={`${id}-text`}>
          Search keys and descriptions
        </label>
        <input
          id={`${id}-text`}
          type="search"
          placeholder="Search"
          value={filter.text}
          onInput={(event) => onFilter({ ...filter, text: event.currentTarget.value })}
          autocomplete="off"
          spellcheck={false}
        />
      </div>
      <label class="visually-hidden" for={`${id}-environment`}>
        Environment
      </label>
      <select
        id={`${id}-environment`}
        value={filter.environment}
        onChange={(event) => onFilter({ ...filter, environment: event.currentTarget.value })}
      >
        <option value="">Every environment</option>
        <option value="ALL">ALL</option>
        {environments.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <p class="count" role="status">
        {found === total ? `${total} ${total === 1 ? 'secret' : 'secrets'}` : `${found} of ${total}`}
      </p>
    </div>
  )
}
