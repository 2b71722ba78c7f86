// SPDX-License-Identifier: Apache-2.0
/**
 * The hop benchmark: client, relay and sink in separate processes on loopback, signed (RSA-2048) and durable. Says
 * what the relay alone costs. Figures of different machines, and of different days, do not compare.
 *
 *   npm run bench -- [--messages 3000] [--size 4k,50k] [--connections 20] [--json]
 */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runHop } from './hop-run.ts'
import { hopTable } from './hop-table.ts'

const TMPFS = 0x01021994
const HELP = `Usage: npm run bench -- [options]
  --messages <n>     per size (default 3000), after as many as --warmup to warm up (default 1000)
  --size <list>      octets of content, such as 4k,50k (the default)
  --connections <n>  of the client (default 20)
  --dir <folder>     for the spool, on a disk (default: the system's temporary folder)
  --profile <folder> writes a CPU profile of the relay there (open it in a browser's developer tools)
  --json             one line of JSON per size`

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '3000' },
    warmup: { type: 'string', default: '1000' },
    size: { type: 'string', default: '4k,50k' },
    connections: { type: 'string', default: '20' },
    dir: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(HELP)
  process.exit(0)
}
const options = {
  messages: wholeNumber('messages', values.messages),
  warmUp: wholeNumber('warmup', values.warmup),
  connections: wholeNumber('connections', values.connections),
  profileFolder: values.profile ?? null,
}
const sizes = values.size.split(',').map(octetsOf)

const folder = mkdtempSync(join(values.dir, 'posthaste-bench-'))
if (statfsSync(folder).type === TMPFS)
  console.error(
    `${folder} is in memory: nothing here is durable. Name a folder on a disk by --dir.`,
  )
try {
  const results = []
  for (const octets of sizes) {
    const result = await runHop({ ...options, octets, folder, keyFile: newKeyFile() })
    results.push(result)
    if (values.json) console.log(JSON.stringify(result))
  }
  if (!values.json) console.log(hopTable(results))
  const isGood = results.every(({ lost, duplicates, failed, unsigned }) =>
    [lost, duplicates, failed, unsigned].every((count) => count === 0),
  )
  process.exitCode = isGood ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function newKeyFile(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const file = join(folder, 'dkim.pem')
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return file
}

function octetsOf(text: string): number {
  const match = /^(\d+)(k?)$/i.exec(text.trim())
  const octets = Number(match?.[1]) * (match?.[2] === '' ? 1 : 1_024)
  if (octets >= 2_000) return octets
  console.error(`--size ${text}: expected octets such as 4k or 51200, at least 2000`)
  return process.exit(64)
}

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,7}$/.test(text)) return Number(text)
  console.error(`--${name} ${text}: expected a whole number`)
  return process.exit(64)
}
