/** From the import to the first secret, in a process that has done nothing else. */

const job = JSON.parse(process.env.BENCH_JOB)
const rssBefore = process.memoryUsage.rss()
const cpuBefore = process.cpuUsage()
const start = performance.now()
const { open } = await import(job.module)
const client = open(job.server)
const value = await (client.getKept ?? client.get)(job.key)
const time = performance.now() - start
const { user, system } = process.cpuUsage(cpuBefore)
const memory = (process.memoryUsage.rss() - rssBefore) / 1024 / 1024

const { checkValue } = await import('../data.mjs')
checkValue(value, job.key)
process.stdout.write(JSON.stringify({ time, cpu: (user + system) / 1000, memory }), () => process.exit())
