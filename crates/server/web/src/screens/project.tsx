import type { SymmetricKey } from '../crypto/symmetric-key'
import { type OpenProject, openProject } from '../domain/project'
import { homeLink, projectLink, type Tab, TABS } from '../router'
import { api } from '../session'
import { useLoad } from '../ui/load'
import { Failed, Loading } from '../ui/states'
import { useTitle } from '../ui/title'
import { AccessKeys } from './access-keys/access-keys'
import { AccessLog } from './access-log'
import { Environments } from './environments'
import { Secrets } from './secrets/secrets'

const TITLES: Record<Tab, string> = {
  secrets: 'Secrets',
  environments: 'Environments',
  'access-keys': 'Access keys',
  'access-log': 'Access log',
}

interface Props {
  projectId: number
  tab: Tab
  accountKey: SymmetricKey
  accountId: string
}

export function ProjectScreen({ projectId, tab, accountKey, accountId }: Props) {
  useTitle(TITLES[tab])
  const { loaded, reload } = useLoad(() => openProject(api, projectId, accountKey), [projectId, accountKey])
  if (loaded.state === 'loading') return <Loading what="the project" />
  if (loaded.state === 'failed') return <Failed error={loaded.error} onRetry={reload} />
  const { project } = loaded.value
  return (
    <div class="screen">
      <nav class="breadcrumb" aria-label="Breadcrumb">
        <a href={homeLink}>Projects</a>
        <span aria-hidden="true">/</span>
        <span>Project {project.id}</span>
      </nav>
      <h1 class="project-title">{project.name || `Project ${project.id}`}</h1>
      <nav class="tabs" aria-label="Project">
        {TABS.map((each) => (
          <a key={each} href={projectLink(projectId, each)} aria-current={each === tab ? 'page' : undefined}>
            {TITLES[each]}
          </a>
        ))}
      </nav>
      <TabScreen tab={tab} project={loaded.value} accountId={accountId} />
    </div>
  )
}

function TabScreen({ tab, project, accountId }: { tab: Tab; project: OpenProject; accountId: string }) {
  switch (tab) {
    case 'secrets':
      return <Secrets project={project} />
    case 'environments':
      return <Environments project={project} />
    case 'access-keys':
      return <AccessKeys project={project} />
    case 'access-log':
      return <AccessLog project={project} accountId={accountId} />
  }
}
