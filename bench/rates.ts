// SPDX-License-Identifier: Apache-2.0
/**
 * How exact rates are, and what they cost. `npm run bench:rates` prints for each limit and number of workers the largest excess
 * of any window of its period over the bound (0 is all that there may be) and the share that was used while mail waited in every
 * worker, on a simulated clock with late timers and a slow channel; then the cost of one admission at 100,000 paths.
 */
import { type DurationMs, ms, seconds } from '../src/base/brand.ts'
import { SystemClock } from '../src/base/clock.ts'
import { parseRate, type RateLimit } from '../src/base/quantity.ts'
import { OwnRates } from '../src/queue/shaping/own-rates.ts'
import type { KeyedRate } from '../src/queue/shaping/rates.ts'
import { programOptions, wrongUsage } from '../test/support/program-options.ts'
import { largestExcess, RateRig, shareUsed } from '../test/support/rate-rig.ts'

const LIMITS = [
  '60/s',
  '100/s',
  '100/s burst 20',
  '1000/s',
  '60/min',
  '600/min',
  '3600/h',
  '20000/d',
]
const WORKERS = [1, 2, 4]
/** Until a ledger that has just started lends all. */
const SETTLED = seconds(120)
const PATHS = 100_000
const ADMISSIONS = 500_000
const PASSES = 8
/** The largest cost of one admission. */
const BUDGET_US = 2

const values = programOptions(
  `Usage: npm run bench:rates -- [options]
  --limit <rate>        such as 500/h, any number of them (default: ${LIMITS.join(', ')})
  --json                the result as one line of JSON`,
  {
    json: { type: 'boolean', default: false },
    limit: { type: 'string', multiple: true, default: LIMITS },
  },
)
const rows: Row[] = []
for (const text of values.limit)
  for (const workers of WORKERS) {
    const limit = parseRate(text)
    if (limit === null)
      wrongUsage(`--limit ${text}: expected a rate such as "100/s" or "1000/h burst 20"`)
    rows.push(await accuracy(text, limit, workers))
  }
const costUs = admissionCost()
const isGood = rows.every(({ excess, used }) => excess <= 0 && used >= 0.98) && costUs < BUDGET_US
if (values.json) console.log(JSON.stringify({ rows, costUs, isGood }))
else print()
process.exitCode = isGood ? 0 : 1

interface Row {
  readonly limit: string
  readonly workers: number
  readonly excess: number
  readonly used: number
  readonly sent: number
}

async function accuracy(text: string, limit: RateLimit, workers: number): Promise<Row> {
  const rig = new RateRig({ workers, lanes: [[{ key: 'path', limit }]], seed: 1 })
  const settled = SETTLED
  await rig.run(ms(settled + lengthOf(limit)))
  const end = rig.clock.monotonic()
  const used = shareUsed(rig.sent, limit, settled, end)
  return {
    limit: text,
    workers,
    excess: Math.max(0, largestExcess(rig.sent, limit)),
    used: Math.round(used * 10_000) / 10_000,
    sent: rig.sent.length,
  }
}

/** Long enough for the share to be told to a tenth of a percent. */
function lengthOf({ count, per }: RateLimit): DurationMs {
  return ms(Math.max(seconds(20), (2_000 * per) / count))
}

/** Of CPU, in microseconds: the best of some passes, since other processes take the caches away. */
function admissionCost(): number {
  const clock = new SystemClock()
  const rates = new OwnRates()
  const provider: KeyedRate = { key: 'provider', limit: { count: 1e9, per: ms(1_000), burst: 1e6 } }
  const own: RateLimit = { count: 1_000, per: ms(1_000), burst: 100 }
  const lanes = Array.from({ length: PATHS }, (_, at) =>
    rates.lane(`lane ${at}`, [{ key: `path ${at}`, limit: own }, provider]),
  )
  const run = (admissions: number): void => {
    for (let at = 0; at < admissions; at++) lanes[(at * 7_919) % PATHS]?.admit(clock.monotonic())
  }
  run(2 * PATHS)
  const costs = Array.from({ length: PASSES }, () => {
    const begun = process.cpuUsage()
    run(ADMISSIONS)
    const { user, system } = process.cpuUsage(begun)
    return (user + system) / ADMISSIONS
  })
  return Math.round(Math.min(...costs) * 1e3) / 1e3
}

function print(): void {
  console.log('limit           workers  excess    used    sent')
  for (const { limit, workers, excess, used, sent } of rows)
    console.log(
      [
        limit.padEnd(14),
        String(workers).padStart(8),
        String(excess).padStart(7),
        `${(100 * used).toFixed(2)} %`.padStart(8),
        String(sent).padStart(7),
      ].join(' '),
    )
  console.log(`\none admission by two limits, at ${PATHS} paths: ${costUs} µs of CPU`)
  console.log(isGood ? 'Never over, at least 98 % used.' : 'A bound was missed.')
}
