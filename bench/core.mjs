/** The micro-benchmarks of the core, which criterion runs, built as the addon is. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'

const PAGE = 2000

export function coreOf({ root, folder, isQuick }) {
  const home = path.join(folder, 'criterion')
  const options = ['bench', '--locked', '--profile', 'addon', '-p', 'locker-core', '--features', 'bench']
  const quick = isQuick ? ['--quick'] : []
  const ran = spawnSync('cargo', [...options, '--bench', 'core', '--', '--noplot', ...quick], {
    cwd: root,
    env: { ...process.env, CRITERION_HOME: home },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (ran.status !== 0) throw new Error('cargo bench failed')
  const nanoseconds = (name) => {
    const file = path.join(home, name, 'new/estimates.json')
    return JSON.parse(readFileSync(file, 'utf8')).median.point_estimate
  }
  const millionsPerSecond = (name) => (PAGE / nanoseconds(name)) * 1000
  return {
    ours: [
      {
        open: millionsPerSecond('page/open'),
        parse: millionsPerSecond('page/parse'),
        textOpen: nanoseconds('text/open'),
        textParse: nanoseconds('text/parse'),
        textSeal: nanoseconds('text/seal'),
      },
    ],
  }
}
