// SPDX-License-Identifier: Apache-2.0
/**
 * Starts the relay for a benchmark from outside: loopback is trusted, everything goes to one sink, and all facts come
 * from the environment.
 *
 *   BENCH_RELAY_PORT     listens here, on 127.0.0.1
 *   BENCH_SINK_PORT      forwards everything to this port of 127.0.0.1
 *   BENCH_RUN_DIR        a folder for configuration, spool and store, on a disk
 *   BENCH_DKIM_KEY       a PEM file with an RSA key
 *   BENCH_DKIM_DOMAIN, BENCH_DKIM_SELECTOR
 */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Writable } from 'node:stream'
import { run } from '../src/app/cli/program.ts'
import { ensureMemoryFlags } from '../src/app/process-memory.ts'
import { memoryLimits } from '../src/base/process-limits.ts'

ensureMemoryFlags(memoryLimits.processOctets)

const port = required('BENCH_RELAY_PORT')
const sinkPort = required('BENCH_SINK_PORT')
const folder = resolve(required('BENCH_RUN_DIR'), 'posthaste')
const key = required('BENCH_DKIM_KEY')
const domain = required('BENCH_DKIM_DOMAIN')
const selector = required('BENCH_DKIM_SELECTOR')

const file = join(folder, 'posthaste.toml')
await command('init', '--dir', folder, '--hostname', 'relay.bench.example')
writeFileSync(file, configText())
await command('domain', 'add', domain, '--key', key, '--selector', selector)
process.exitCode = await run(['serve', '--config', file], surroundings(process.stdout))

function configText(): string {
  return `hostname = "relay.bench.example"
data_dir = ${JSON.stringify(join(folder, 'data'))}

[[listener]]
addresses = ["127.0.0.1:${port}"]

[operations]
address = "127.0.0.1:0"

[[trusted]]
network = "127.0.0.0/8"

[[route]]
domain = "*"
host = "127.0.0.1"
port = ${sinkPort}
`
}

/** Ends the program where a command fails; the command has said why. */
async function command(...args: readonly string[]): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const exitCode = await run([...args, '--config', file], surroundings(nowhere))
  if (exitCode !== 0) process.exit(exitCode)
}

function surroundings(output: NodeJS.WritableStream) {
  return { output, errors: process.stderr, environment: process.env }
}

function required(name: string): string {
  const value = process.env[name]
  if (value !== undefined && value !== '') return value
  console.error(
    `bench:relay needs ${name} in its environment; see the first lines of bench/relay.ts`,
  )
  return process.exit(64)
}
