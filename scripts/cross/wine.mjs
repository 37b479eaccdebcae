/** Wine, from Debian's packages: unpacked, and run with that folder as its root. */

import { mkdirSync } from 'node:fs'
import path from 'node:path'

import { debianTree } from './debian.mjs'
import { attempt, Unavailable } from './tools.mjs'

const DEBIAN = { release: 'trixie', architecture: 'amd64', packages: ['wine64'] }

const FOLDER = '/usr/lib/wine'

// In namespaces of its own: the mounts are gone with it, and so are Wine's processes, which outlive the program.
const ENTER = `set -e
root=$1; shift
while [ "$1" != -- ]; do mkdir -p "$root$1"; mount --rbind "$1" "$root$1"; shift; done; shift
mkdir -p "$root/proc" "$root/dev"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
chroot "$root" "$@"
# What it has started may still write into the prefix.
chroot "$root" ${FOLDER}/wineserver64 --wait`

/**
 * @param {string[]} shared the folders of this machine that programs see, below drive Z
 * @param {string} prefix a folder for Wine's own files, one of the shared or below it
 * @returns the words before a program's, and their variables
 */
export function wine(shared, prefix) {
  const tree = debianTree('wine', DEBIAN)
  if (process.arch !== 'x64') throw new Unavailable('Wine runs programs for x64 on x64 only')
  mkdirSync(prefix, { recursive: true })
  const user = process.getuid() === 0 ? [] : ['--map-root-user']
  const words = [
    ...['unshare', ...user, '--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', ENTER, 'sh'],
    ...[tree, ...shared, '--'],
  ]
  const env = {
    HOME: prefix,
    // With it, Wine 10 crashes when it starts. Programs have a folder of their own in the prefix.
    TMPDIR: undefined,
    WINEPREFIX: path.join(prefix, 'wine'),
    // Instead of a script that looks for it.
    WINESERVER: `${FOLDER}/wineserver64`,
    // A library that Debian's Wine needs and keeps elsewhere.
    WINEPATH: 'Z:\\usr\\x86_64-w64-mingw32\\lib',
    WINEDEBUG: '-all',
  }
  attempt('Wine', words[0], [...words.slice(1), `${FOLDER}/wine64`, 'wineboot', '--init'], { env })
  return { words: [...words, `${FOLDER}/wine64`], env }
}
