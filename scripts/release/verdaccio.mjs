/** A registry in a process of its own: `registry.mjs` starts it. It listens on a free port, and says on which. */

import { createRequire } from 'node:module'

const [folder, config] = process.argv.slice(2)
const { runServer } = createRequire(folder)('verdaccio')
const server = await runServer(JSON.parse(config))
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`))
