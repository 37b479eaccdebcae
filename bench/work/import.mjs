/** What importing a package costs. */

const { module } = JSON.parse(process.env.BENCH_JOB)
const rssBefore = process.memoryUsage.rss()
const cpuBefore = process.cpuUsage()
const start = performance.now()
await import(module)
const time = performance.now() - start
const { user, system } = process.cpuUsage(cpuBefore)
const memory = (process.memoryUsage.rss() - rssBefore) / 1024 / 1024
process.stdout.write(JSON.stringify({ time, cpu: (user + system) / 1000, memory }), () => process.exit())
