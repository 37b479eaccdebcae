/** Debian's packages of any release and processor, unpacked into folders. Nothing is installed, so nobody has to be root. */

import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { attempt, exec, provide, Unavailable } from './tools.mjs'

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * The folder of these packages and of all that they depend on. apt checks the signatures. The release is the pin:
 * a version of a package can be had only until its release has a newer one.
 *
 * @param {{ release: string, architecture: string, packages: string[] }} what
 * @param {(folder: string) => void} [finish] what else is to be done with the new folder
 */
export function debianTree(name, { release, architecture, packages }, finish = () => {}) {
  return provide(`${name}-${release}-${architecture}`, (folder) => {
    const what = `${packages.join(' and ')} of Debian ${release} for ${architecture}`
    const apt = path.join(folder, '.apt')
    const options = { env: { APT_CONFIG: configure(apt, release, architecture) } }
    attempt(what, 'apt-get', ['update', '--quiet'], options)
    attempt(what, 'apt-get', ['install', '--quiet', '--yes', '--download-only', ...packages], options)
    const archives = path.join(apt, 'archives')
    for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
      exec('dpkg', ['-x', path.join(archives, file), folder])
    }
    rmSync(apt, { recursive: true })
    // Of the package base-files, which nothing here depends on.
    for (const name of ['bin', 'lib', 'lib64', 'sbin']) {
      const [link, target] = [path.join(folder, name), path.join('usr', name)]
      if (existsSync(path.join(folder, target)) && !existsSync(link)) symlinkSync(target, link)
    }
    finish(folder)
  })
}

/** An apt of its own, which knows nothing of what this machine has installed. */
function configure(folder, release, architecture) {
  mkdirSync(path.join(folder, 'lists', 'partial'), { recursive: true })
  mkdirSync(path.join(folder, 'archives', 'partial'), { recursive: true })
  const write = (name, text) => (writeFileSync(path.join(folder, name), text), path.join(folder, name))
  return write(
    'apt.conf',
    `Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::sourcelist "${write('sources.list', `deb [signed-by=${KEYRING}] ${mirror()} ${release} main\n`)}";
Dir::State "${folder}";
Dir::State::status "${write('status', '')}";
Dir::Cache "${folder}";
APT::Architecture "${architecture}";
APT::Architectures { "${architecture}"; };
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
`,
  )
}

/** Where this machine has its own packages from. */
function mirror() {
  const wanted = ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', 'Label: Debian']
  const [first] = attempt("Debian's packages", 'apt-get', wanted).split('\n')
  if (!first)
    throw new Unavailable("Debian's packages cannot be had: apt of this machine names no Debian mirror")
  if (!existsSync(KEYRING)) throw new Unavailable(`Debian's packages cannot be had: ${KEYRING} is missing`)
  return first
}
