// SPDX-License-Identifier: Apache-2.0
/** The long form of the power test. `docs/reliability.md` says what is checked. */
import { programOptions, wholeNumber } from '../support/program-options.ts'
import { DiskShim, unlessCompilable } from './disk-shim.ts'
import { runPowerCuts } from './power-run.ts'

const values = programOptions(
  `Usage: npm run power -- [options]
  --samples <n>         disks that are looked at (default 2000)
  --lives <n>           of the journal that they come from (default 10)
  --seed <n>            of the first life (default 1)
  --json                the result as one line of JSON`,
  {
    samples: { type: 'string', default: '2000' },
    lives: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
)
const reason = await unlessCompilable()
if (reason !== false) {
  console.error(reason)
  process.exit(69)
}
const lives = wholeNumber('lives', values.lives)
const firstSeed = wholeNumber('seed', values.seed)
const samples = Math.ceil(wholeNumber('samples', values.samples) / lives)
const total = { changes: 0, messages: 0, disks: 0, repeated: 0, faults: 0 }
using shim = await DiskShim.compile()
for (let life = 0; life < lives; life++) {
  const seed = firstSeed + life
  const everyChange = life === 0
  const eventDays = life % 2 === 0 ? 30 : 0
  const steps = everyChange ? 20 : 60
  const result = await runPowerCuts(shim, { seed, samples, everyChange, eventDays, steps })
  for (const fault of result.faults.slice(0, 20)) console.error(fault)
  total.changes += result.changes
  total.messages += result.messages
  total.disks += result.disks
  total.repeated += result.repeated
  total.faults += result.faults.length
  console.error(
    `life ${life + 1} of ${lives}: ${result.disks} disks, ${result.faults.length} faults`,
  )
}
console.log(
  values.json
    ? JSON.stringify(total)
    : `${total.messages} messages, ${total.changes} changes, ${total.disks} disks: ${total.faults} faults, ${total.repeated} recipients tried again within the sync window`,
)
process.exitCode = total.faults === 0 ? 0 : 1
