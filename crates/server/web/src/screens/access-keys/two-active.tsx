import { MAX_ACTIVE_KEYS } from '../../domain/access-keys'

/** Says beforehand what the server will say. It decides, as somebody else may have changed a key just now. */
export function TwoActive({ active }: { active: number | undefined }) {
  if (active === undefined || active < MAX_ACTIVE_KEYS) return null
  return (
    <p class="notice">
      {active} of {MAX_ACTIVE_KEYS} active. A project has at most two active access keys: deactivate or delete
      one first.
    </p>
  )
}
