/** `RESULTS.md`: what a full run found, and how to read it. */

import { writeFileSync } from 'node:fs'

import { table } from './report.mjs'

const HOW = `\`npm run bench\` wrote this file. Each sample comes from a fresh process; the clients take turns. A number is the median of the
medians of the processes, p99 is that of all samples, and × says how many times better ours is: the median of pairs that
ran one after the other. Every answer is checked, and before anything is measured each client has refused a value whose
MAC is wrong.

A limit that is a time or a rate is allowed the pace of the machine (see \`pace.mjs\`). What keeps rows from their targets is in
[LIMITS.md](LIMITS.md).

- **ours** is this package as it is published, with the addon of a release.
- **plain** is \`fetch\` with \`node:crypto\` for each field.
- **best JS** is the strongest client in JavaScript that we could make: kept connections, pages in parallel, one call of
  AES for a page, and base64 and HMAC of four messages at once in a SIMD kernel.
- **Bitwarden** is \`@bitwarden/sdk-napi\`, with as many secrets of the same length on a stand-in for its server.

Lists and reads are answered by a server that keeps what locker-server answered in memory, without gzip: locker-server
needs longer for a page than ours needs to open it, and would hide the client. A secret is 800 bytes of JSON and has 3.2
encrypted fields.`

const note = `The time of lists from 100 to 100,000 secrets: ![the curve](curve.svg)`

export function writeResults(file, about, results) {
  const lines = Object.entries(about).map(([name, value]) => `- ${name}: ${value}`)
  const day = new Date().toISOString().slice(0, 10)
  writeFileSync(
    file,
    `# Results of ${day}\n\n${lines.join('\n')}\n\n${HOW}\n\n${table(results)}\n\n${note}\n`,
  )
}
