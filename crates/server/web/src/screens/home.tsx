import { useState } from 'preact/hooks'

import type { Project, Workspace } from '../api'
import type { SymmetricKey } from '../crypto/symmetric-key'
import { createProject } from '../domain/project'
import { navigate, projectLink } from '../router'
import { api } from '../session'
import { InputError } from '../explain'
import { useAction } from '../ui/action'
import { announce } from '../ui/announce'
import { Dialog } from '../ui/dialog'
import { Actions, Form, TextField } from '../ui/form'
import { ScreenHeading } from '../ui/heading'
import { Icon } from '../ui/icons'
import { useLoad } from '../ui/load'
import { Empty, Failed, Loading } from '../ui/states'
import { Time } from '../ui/time'
import { useTitle } from '../ui/title'

type Open = { dialog: 'workspace' } | { dialog: 'project'; workspace: Workspace }

const byName = (a: { name: string }, b: { name: string }) =>
  a.name.localeCompare(b.name, 'en', { numeric: true })

export function Home({ accountKey }: { accountKey: SymmetricKey }) {
  useTitle('Projects')
  const [open, setOpen] = useState<Open>()
  const { loaded, reload } = useLoad(async () => {
    const [workspaces, projects] = await Promise.all([api.workspaces(), api.projects()])
    return { workspaces: workspaces.sort(byName), projects: projects.sort(byName) }
  }, [])

  return (
    <div class="screen">
      <div class="screen-head">
        <ScreenHeading title="Projects" top />
        <button type="button" onClick={() => setOpen({ dialog: 'workspace' })}>
          <Icon name="plus" />
          New workspace
        </button>
      </div>
      {loaded.state === 'loading' && <Loading what="workspaces and projects" />}
      {loaded.state === 'failed' && <Failed error={loaded.error} onRetry={reload} />}
      {loaded.state === 'ready' &&
        (loaded.value.workspaces.length === 0 ? (
          <Empty icon="layers" title="No workspace yet">
            <p>A workspace holds the projects of a team or a product. Create one to begin.</p>
            <button type="button" class="primary" onClick={() => setOpen({ dialog: 'workspace' })}>
              Create a workspace
            </button>
          </Empty>
        ) : (
          loaded.value.workspaces.map((workspace) => (
            <WorkspaceSection
              key={workspace.id}
              workspace={workspace}
              projects={loaded.value.projects.filter((project) => project.workspace_id === workspace.id)}
              onNewProject={() => setOpen({ dialog: 'project', workspace })}
            />
          ))
        ))}
      {open?.dialog === 'workspace' && (
        <NewWorkspace
          onClose={() => setOpen(undefined)}
          onCreated={async () => {
            await reload()
            setOpen(undefined)
          }}
        />
      )}
      {open?.dialog === 'project' && (
        <NewProject workspace={open.workspace} accountKey={accountKey} onClose={() => setOpen(undefined)} />
      )}
    </div>
  )
}

interface SectionProps {
  workspace: Workspace
  projects: Project[]
  onNewProject: () => void
}

function WorkspaceSection({ workspace, projects, onNewProject }: SectionProps) {
  return (
    <section class="workspace" aria-label={workspace.name}>
      <div class="workspace-head">
        <h2>{workspace.name}</h2>
        <button
          type="button"
          class="small"
          aria-label={`New project in ${workspace.name}`}
          onClick={onNewProject}
        >
          <Icon name="plus" />
          New project
        </button>
      </div>
      {projects.length === 0 ? (
        <p class="nothing">
          No project here yet. A project has secrets, environments and access keys of its own.
        </p>
      ) : (
        <ul class="projects">
          {projects.map((project) => (
            <li key={project.id}>
              <a class="project-card" href={projectLink(project.id)}>
                <span class="project-name">{project.name || `Project ${project.id}`}</span>
                <span class="hint">
                  Project {project.id} · created <Time date={project.creation_date} />
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function NewWorkspace({ onClose, onCreated }: { onClose: () => void; onCreated: () => Promise<void> }) {
  const [name, setName] = useState('')
  const { run, busy, error } = useAction(async () => {
    if (!name.trim()) throw new InputError('Enter a name.')
    await api.createWorkspace(name.trim())
    await onCreated()
    announce('Workspace created.')
  })
  return (
    <Dialog title="New workspace" onClose={onClose}>
      <Form
        onSubmit={run}
        error={error}
        actions={<Actions submit="Create workspace" busy={busy} onCancel={onClose} />}
      >
        <TextField
          label="Name"
          hint="For example a team or a product. The server can read this name."
          value={name}
          onValue={setName}
          maxLength={200}
          autofocus
        />
      </Form>
    </Dialog>
  )
}

interface NewProjectProps {
  workspace: Workspace
  accountKey: SymmetricKey
  onClose: () => void
}

function NewProject({ workspace, accountKey, onClose }: NewProjectProps) {
  const [name, setName] = useState('')
  const { run, busy, error } = useAction(async () => {
    if (!name.trim()) throw new InputError('Enter a name.')
    const project = await createProject(api, accountKey, workspace.id, name.trim())
    onClose()
    announce('Project created.')
    navigate(projectLink(project.id))
  })
  return (
    <Dialog title="New project" onClose={onClose}>
      <Form
        onSubmit={run}
        error={error}
        actions={<Actions submit="Create project" busy={busy} onCancel={onClose} />}
      >
        <TextField
          label="Name"
          hint={`It will be in the workspace ${workspace.name}. The server can read this name.`}
          value={name}
          onValue={setName}
          maxLength={200}
          autofocus
        />
      </Form>
    </Dialog>
  )
}
