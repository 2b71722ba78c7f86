// SPDX-License-Identifier: Apache-2.0
/**
 * Starts the relay for a benchmark from outside: loopback is trusted, everything goes to one port, and all facts come
 * from the environment. It installs the relay by the real commands, and then becomes `posthaste serve`.
 *
 *   BENCH_RELAY_PORT     listens here, on 127.0.0.1
 *   BENCH_SINK_PORT      forwards everything to this port: of 127.0.0.1, or of whom the name server names
 *   BENCH_RUN_DIR        a folder for configuration, spool and store, on a disk
 *   BENCH_DKIM_KEY       a PEM file with an RSA key
 *   BENCH_DKIM_DOMAIN, BENCH_DKIM_SELECTOR
 *   BENCH_WORKERS        as `serve --workers` takes it (optional: one process)
 *   BENCH_RESOLVER_PORT  of a name server on 127.0.0.1 that is asked for receivers (optional: 127.0.0.1 is the only one)
 */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Writable } from 'node:stream'
import { run } from '../src/app/cli/program.ts'
import { program } from './program-process.ts'

const port = required('BENCH_RELAY_PORT')
const sinkPort = required('BENCH_SINK_PORT')
const folder = resolve(required('BENCH_RUN_DIR'), 'posthaste')
const key = required('BENCH_DKIM_KEY')
const domain = required('BENCH_DKIM_DOMAIN')
const selector = required('BENCH_DKIM_SELECTOR')
const workers = process.env['BENCH_WORKERS']
const resolverPort = process.env['BENCH_RESOLVER_PORT']

const file = join(folder, 'posthaste.toml')
await command('init', '--dir', folder, '--hostname', 'relay.bench.example')
writeFileSync(file, configText())
await command('domain', 'add', domain, '--key', key, '--selector', selector)
const args = ['serve', '--config', file, ...(workers ? ['--workers', workers] : [])]
process.execve?.(process.execPath, [process.execPath, ...process.execArgv, program, ...args])

function configText(): string {
  return `hostname = "relay.bench.example"
data_dir = ${JSON.stringify(join(folder, 'data'))}

[[listener]]
addresses = ["127.0.0.1:${port}"]
max_sessions = 1000
max_sessions_per_address = 1000

[operations]
address = "127.0.0.1:0"

[[trusted]]
network = "127.0.0.0/8"

${resolverPort ? receiversByName(resolverPort) : oneReceiver()}`
}

function oneReceiver(): string {
  return `[[route]]
domain = "*"
host = "127.0.0.1"
port = ${sinkPort}
`
}

function receiversByName(resolverPort: string): string {
  return `[dns]
servers = ["127.0.0.1:${resolverPort}"]
refuse_networks = []

[delivery]
port = ${sinkPort}
`
}

/** Ends the program where a command fails; the command has said why. */
async function command(...args: readonly string[]): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const surroundings = { output: nowhere, errors: process.stderr, environment: process.env }
  const exitCode = await run([...args, '--config', file], surroundings)
  if (exitCode !== 0) process.exit(exitCode)
}

function required(name: string): string {
  const value = process.env[name]
  if (value !== undefined && value !== '') return value
  console.error(
    `bench:relay needs ${name} in its environment; see the first lines of bench/relay.ts`,
  )
  return process.exit(64)
}
