import { homeLink } from '../router'
import { Empty } from '../ui/states'
import { useTitle } from '../ui/title'

export function NotFound() {
  useTitle('Not found')
  return (
    <Empty icon="search" title="There is nothing at this address">
      <p>The link may be old, or cut off.</p>
      <a class="button" href={homeLink}>
        All projects
      </a>
    </Empty>
  )
}
