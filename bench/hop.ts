// SPDX-License-Identifier: Apache-2.0
/**
 * The hop benchmark: client, relay and sink in separate processes on loopback, signed (RSA-2048) and durable. Says
 * what the relay alone costs. Figures of different machines, and of different days, do not compare.
 *
 *   npm run bench -- [--messages 3000] [--size 4k,50k] [--connections 20] [--json]
 */
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandLine, contentSize, wholeNumber, workFolder } from './command-line.ts'
import { runHop } from './hop-run.ts'
import { hopTable } from './hop-table.ts'

const values = commandLine(
  `Usage: npm run bench -- [options]
  --messages <n>        per size (default 3000), after as many as --warmup to warm up (default 1000)
  --size <list>         octets of content, such as 4k,50k (the default)
  --connections <n>     of the client (default 20)
  --profile <folder>    writes a CPU profile of the relay there (open it in a browser's developer tools)`,
  {
    messages: { type: 'string', default: '3000' },
    warmup: { type: 'string', default: '1000' },
    size: { type: 'string', default: '4k,50k' },
    connections: { type: 'string', default: '20' },
    profile: { type: 'string' },
  },
)
const options = {
  messages: wholeNumber('messages', values.messages),
  warmUp: wholeNumber('warmup', values.warmup),
  connections: wholeNumber('connections', values.connections),
  profileFolder: values.profile ?? null,
}
const sizes = values.size.split(',').map((text) => contentSize('size', text))

using folder = workFolder(values.dir, 'hop')
const results = []
for (const octets of sizes) {
  const result = await runHop({ ...options, octets, folder: folder.path, keyFile: newKeyFile() })
  results.push(result)
  if (values.json) console.log(JSON.stringify(result))
}
if (!values.json) console.log(hopTable(results))
const isGood = results.every(({ lost, duplicates, failed, unsigned }) =>
  [lost, duplicates, failed, unsigned].every((count) => count === 0),
)
process.exitCode = isGood ? 0 : 1

function newKeyFile(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const file = join(folder.path, 'dkim.pem')
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return file
}
