/** What each process of a measurement begins and ends with. Nothing is imported here: what is would be measured too. */

export const job = JSON.parse(process.env.BENCH_JOB)

export async function load() {
  const { open } = await import(job.module)
  return open(job.server)
}

export function done(sample) {
  process.stdout.write(JSON.stringify(sample), () => process.exit())
}

export async function timed(work) {
  const start = performance.now()
  const given = await work()
  return [performance.now() - start, given]
}
