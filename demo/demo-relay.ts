// SPDX-License-Identifier: Apache-2.0
/**
 * The relay of the demo: a real installation in a folder of its own, made by the real commands, and a real process.
 * Only its configuration differs from production: other ports, and minutes become seconds.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { ControlClient } from '../src/api/control-client.ts'
import { run } from '../src/app/cli/program.ts'
import { controlSocketFile } from '../src/app/data-files.ts'
import { seconds } from '../src/base/brand.ts'
import type { Clock } from '../src/base/clock.ts'
import type { DemoWorld } from './demo-world.ts'
import { RELAY_HOST, SHOP_DOMAIN } from './providers.ts'

export interface DemoRelay {
  readonly configFile: string
  readonly logFile: string
  /** PEM; what the shop's clients trust. */
  readonly certificate: string
  readonly port: number
  /** Where bounces and complaints come back to. */
  readonly inboundPort: number
  /** Of the HTTP API, with a key for all of it. */
  readonly api: { readonly url: string; readonly key: string }
  /** Of two credentials: one that belongs to the stream, one whose user names choose it. */
  readonly secrets: { readonly receipts: string; readonly campaign: string }
  readonly control: ControlClient
  /** SIGTERM, and a moment later SIGKILL. */
  readonly stop: () => Promise<void>
}

const BIN = fileURLToPath(new URL('../bin/posthaste.js', import.meta.url))
/** What the relay gets to end by itself. */
const PATIENCE = seconds(2)
/** Letters of its log that are shown where it does not start. */
const BEGINNING = 4_000

/** What is added to the configuration, and done before the start. */
export interface RelayExtras {
  /** Keys of `[delivery]`, and whole tables. */
  readonly delivery: string
  readonly tables: string
  readonly commands: readonly (readonly string[])[]
}

const noExtras: RelayExtras = { delivery: '', tables: '', commands: [] }

/** `folder` is there and empty. */
export async function startRelay(
  folder: string,
  world: DemoWorld,
  clock: Clock,
  extras: RelayExtras = noExtras,
): Promise<DemoRelay> {
  const configFile = join(folder, 'posthaste.toml')
  const command = (...args: readonly string[]): Promise<unknown> =>
    commandOutput([...args, '--config', configFile, '--json'])
  const made = await command('init', '--dir', folder, '--hostname', RELAY_HOST)
  await compress(configFile, world, extras)
  await command('tenant', 'add', 'shop')
  await publish(world, await command('domain', 'add', SHOP_DOMAIN, '--tenant', 'shop'))
  const credential = ['credential', 'add', '--tenant', 'shop', '--label']
  const receipts = await command(...credential, 'till', '--stream', 'transactional')
  const campaign = await command(...credential, 'newsletter')
  for (const each of extras.commands) await command(...each)
  const logFile = join(folder, 'relay.log')
  const child = spawn(process.execPath, [BIN, 'serve', '--config', configFile], {
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  const ports = await portsOf(child, logFile)
  return {
    configFile,
    logFile,
    certificate: await readFile(join(folder, 'tls.crt'), 'utf8'),
    port: ports.submission,
    inboundPort: ports.inbound,
    api: { url: `http://127.0.0.1:${ports.api}/api/v1`, key: secretOf(adminKeyOf(made)) },
    secrets: { receipts: secretOf(receipts), campaign: secretOf(campaign) },
    control: new ControlClient(controlSocketFile(join(folder, 'data'))),
    stop: () => stop(child, clock),
  }
}

/** Runs one command of the program in this process and reads its JSON. */
async function commandOutput(args: readonly string[]): Promise<unknown> {
  let text = ''
  const collector = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  const exitCode = await run(args, { output: collector, errors: process.stderr, environment: {} })
  if (exitCode !== 0) throw new Error(`posthaste ${args.join(' ')} ended with ${exitCode}`)
  return JSON.parse(text)
}

/** Free ports, the demo's name server, and waits that fit into half a minute. */
async function compress(
  configFile: string,
  { port, dns }: DemoWorld,
  { delivery, tables }: RelayExtras,
): Promise<void> {
  const text = await readFile(configFile, 'utf8')
  const moved = text
    .replace('"127.0.0.1:2525"', '"127.0.0.1:0"')
    .replace('"127.0.0.1:2526"', '"127.0.0.1:0"')
    .replace('"127.0.0.1:8025"', '"127.0.0.1:0"')
    .replace('"127.0.0.1:8026"', '"127.0.0.1:0"')
  await writeFile(
    configFile,
    `${moved}
# What follows makes minutes into seconds, and leads to the demo's own name server and receivers.
[dns]
servers = ["${dns.address}:${dns.port}"]
refuse_networks = []

[delivery]
port = ${port}
${delivery}

[retry]
site_rest = ["250ms", "500ms", "1s"]

[retry.transactional]
after = ["500ms", "1s", "2s", "3s"]
expires_after = "10m"

[retry.bulk]
after = ["1s", "2s", "3s"]
expires_after = "10m"

${tables}`,
  )
}

/** What `domain add` said to publish goes into the demo's name server. */
async function publish({ dns }: DemoWorld, added: unknown): Promise<void> {
  const { dns: records } = added as {
    readonly dns: readonly {
      readonly name: string
      readonly type: string
      readonly value: string
    }[]
  }
  for (const { name, type, value } of records) {
    if (type === 'TXT' || type === 'CNAME') dns.zone.add({ name, type, data: value })
    else if (type === 'MX')
      dns.zone.add({ name, type, data: { preference: 10, exchange: value.split(' ')[1] ?? '' } })
  }
}

function secretOf(added: unknown): string {
  return (added as { readonly secret: string }).secret
}

function adminKeyOf(made: unknown): unknown {
  return (made as { readonly adminKey: unknown }).adminKey
}

interface RelayPorts {
  readonly submission: number
  readonly inbound: number
  readonly api: number
}

/** From the line in the log that says that it takes mail; the log goes on to the file. */
async function portsOf(child: ChildProcess, logFile: string): Promise<RelayPorts> {
  const log = createWriteStream(logFile)
  const lines = createInterface({ input: child.stderr ?? process.stdin })
  let beginning = ''
  return await new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      log.write(`${line}\n`)
      if (beginning.length < BEGINNING) beginning += `${line}\n`
      const { api = 0, listeners, text } = readLine(line)
      if (text !== 'taking mail' || listeners === undefined) return
      const { inbound, submission } = listeners
      resolve({ submission: submission[0] ?? 0, inbound: inbound[0] ?? 0, api })
    })
    lines.once('close', () => {
      log.end()
      // Where it has started, this comes too late to matter.
      reject(new Error(`the relay did not start:\n${beginning}`))
    })
  })
}

function readLine(line: string): {
  readonly listeners?: {
    readonly submission: readonly number[]
    readonly inbound: readonly number[]
  }
  readonly api?: number
  readonly text?: string
} {
  try {
    return JSON.parse(line)
  } catch {
    // A stack trace, or what else is no log line.
    return { text: line }
  }
}

async function stop(child: ChildProcess, clock: Clock): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const inTime = await Promise.race([exited, clock.sleep(PATIENCE)])
  if (inTime) return
  child.kill('SIGKILL')
  await exited
}
