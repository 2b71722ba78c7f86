// SPDX-License-Identifier: Apache-2.0
/**
 * What a look-up of a recipient costs beside very many suppressions, and how long the filter of a process takes to build;
 * how fast entries are imported and exported.
 */
import { statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SystemClock } from '../src/base/clock.ts'
import { Keyring } from '../src/base/keyring.ts'
import { silentLog } from '../src/base/log.ts'
import { SystemRandom } from '../src/base/random.ts'
import { openSqliteStore } from '../src/platform/sqlite/sqlite-store.ts'
import { AddressHasher } from '../src/protocol/address-hash.ts'
import type { Mailbox } from '../src/protocol/mailbox.ts'
import { retrySchedules } from '../src/records/stream-defaults.ts'
import {
  beginImport,
  finishImport,
  importPart,
} from '../src/records/suppressions/suppression-import.ts'
import { SuppressionLookup } from '../src/records/suppressions/suppression-lookup.ts'
import { installationScope } from '../src/records/tenant-scope.ts'
import { addTenant } from '../src/records/tenant-service.ts'
import { programOptions, wholeNumber } from '../test/support/program-options.ts'
import { workFolder } from './command-line.ts'

const values = programOptions(
  `Usage: npm run bench:suppressions -- [options]
  --entries <n>         that there are (default 10000000)
  --import <n>          how many of them are imported (default 1000000)
  --lookups <n>         of others, each round (default 1000000)
  --dir <folder>        for the records, on a disk (default: the system's temporary folder)`,
  {
    entries: { type: 'string', default: '10000000' },
    lookups: { type: 'string', default: '1000000' },
    import: { type: 'string', default: '1000000' },
    dir: { type: 'string', default: tmpdir() },
  },
)
const entries = wholeNumber('entries', values.entries)
const lookups = wholeNumber('lookups', values.lookups)
const imported = Math.min(entries, wholeNumber('import', values.import))

const mail = { tenant: 'shop', stream: 'bulk', list: null }
using folder = workFolder(values.dir, 'suppressions')
const random = new SystemRandom()
const clock = new SystemClock()
const keyring = new Keyring(new Map([[1, random.bytes(32)]]), random)
const file = join(folder.path, 'records.sqlite')
const context = { store: await openSqliteStore(file), keyring, clock, random }
await addTenant(context, { id: 'shop', name: null, retry: retrySchedules })
const seconds = await timed(() => importAll(context, imported))
say(`import: ${imported} lines in ${seconds.toFixed(1)} s of CPU, in parts of 10000`)
fill(file, new AddressHasher(keyring), imported, entries)
say(`${entries} entries, ${(statSync(file).size / 2 ** 20).toFixed(0)} MiB`)
const lookup = new SuppressionLookup({ ...context, log: silentLog })
say(`filter: built in ${(await timed(() => lookup.refresh())).toFixed(1)} s of CPU`)
say(`external memory: ${(process.memoryUsage().arrayBuffers / 2 ** 20).toFixed(0)} MiB`)
for (let round = 0; round < 3; round++) {
  let asked = 0
  const took = await timed(async () => {
    for (let at = 0; at < lookups; at++) {
      const answer = lookup.find(mail, `nobody${at}@example.org` as Mailbox)
      if (answer === null) continue
      asked++
      await answer
    }
  })
  const share = ((100 * asked) / lookups).toFixed(2)
  say(`look-up of others: ${((took / lookups) * 1e6).toFixed(2)} µs, ${share} % asked the store`)
}
const took = await timed(async () => {
  for (let at = 0; at < 10_000; at++) await lookup.find(mail, address((at * 997) % entries))
})
say(`look-up of one who is there: ${(took * 100).toFixed(1)} µs`)
await context.store[Symbol.asyncDispose]()

function address(number: number): Mailbox {
  return `customer${number}@example${number % 1_000}.net` as Mailbox
}

async function importAll(context: Parameters<typeof beginImport>[0], count: number): Promise<void> {
  const { id } = await beginImport(context, installationScope)
  for (let at = 0; at < count; at += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, count - at) }, (_, index) =>
      address(at + index),
    )
    await importPart(context, installationScope, id, {
      csv: lines.join('\n'),
      firstLine: at + 1,
      reason: 'bounce',
      keepsAddress: true,
    })
  }
  await finishImport(context, installationScope, id)
}

/** The rest, in the shortest way. */
function fill(file: string, hasher: AddressHasher, from: number, to: number): void {
  const database = new DatabaseSync(file)
  database.exec('pragma synchronous = off; begin')
  const insert = database.prepare(
    `insert into suppressions (tenant, address_hash, address, scope_kind, scope_name, reason, note, created_at)
     values ('shop', ?, ?, 'tenant', '', 'bounce', '', 1)`,
  )
  for (let at = from; at < to; at++) insert.run(hasher.hash('shop', address(at)), address(at))
  database.exec('commit')
  database.close()
}

/** Seconds of CPU: what else the machine does shows less in them. */
async function timed(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { system, user } = process.cpuUsage(before)
  return (system + user) / 1e6
}

function say(text: string): void {
  console.log(text)
}
