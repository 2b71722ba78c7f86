// SPDX-License-Identifier: Apache-2.0
/** The relay of the depth benchmark: installed by the real commands, started, stopped, killed, and its disk. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { seconds } from '../src/base/brand.ts'
import { SystemClock } from '../src/base/clock.ts'
import { SystemRandom } from '../src/base/random.ts'

export interface DepthRelayOptions {
  /** There, and empty. */
  readonly folder: string
  readonly resolverPort: number
  /** Of all receivers. */
  readonly receiverPort: number
  readonly mostRecipients: number
  readonly mostSessions: number
  /** Where CPU profiles of the relay go; `null`: none are made. */
  readonly profileFolder: string | null
}

/** Allocated octets. */
export interface DiskUse {
  /** Mail, and everything that is in no other part. */
  readonly mail: number
  readonly events: number
  readonly index: number
}

const program = fileURLToPath(new URL('../bin/posthaste.js', import.meta.url))
const clock = new SystemClock()
const random = new SystemRandom()
const POLL = seconds(0.02)
const GREETING_MS = 120_000
const BLOCK_OCTETS = 512
/** Below the ports that the system gives to outgoing connections: one of those could meet itself on loopback. */
const LOWEST_PORT = 20_000
const PORTS = 10_000

export class DepthRelay {
  readonly port: number
  readonly #options: DepthRelayOptions
  #child: ChildProcess | null = null

  private constructor(options: DepthRelayOptions, port: number) {
    this.#options = options
    this.port = port
  }

  static async install(options: DepthRelayOptions): Promise<DepthRelay> {
    const relay = new DepthRelay(options, await quietPort())
    await relay.#command('init', '--dir', options.folder, '--hostname', 'relay.bench.example')
    writeFileSync(relay.#configFile, relay.#configText())
    await relay.#command('domain', 'add', 'sender.example')
    return relay
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Resolves when it greets. */
  async start(): Promise<void> {
    const { folder, profileFolder } = this.#options
    const log = openSync(join(folder, 'relay.log'), 'a')
    const profiling =
      profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]
    this.#child = spawn(
      process.execPath,
      [...profiling, program, 'serve', '--config', this.#configFile],
      { stdio: ['ignore', log, log] },
    )
    for (const begun = clock.monotonic(); clock.monotonic() - begun < GREETING_MS; ) {
      if (this.#child.exitCode !== null) break
      if (await greets(this.port)) return
      await clock.sleep(POLL)
    }
    throw new Error(`the relay does not greet:\n${readFileSync(join(folder, 'relay.log'), 'utf8')}`)
  }

  /** Resolves when the process has ended. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }

  disk(): DiskUse {
    const folder = join(this.#options.folder, 'data')
    const use = { mail: 0, events: 0, index: 0 }
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const last = name.slice(name.lastIndexOf('/') + 1)
      // Of a fixed size, for a full disk.
      if (last === 'reserve') continue
      const part = last.startsWith('event-') ? 'events' : 'mail'
      use[last.startsWith('index.sqlite') ? 'index' : part] += octetsOf(join(folder, name))
    }
    return use
  }

  get #configFile(): string {
    return join(this.#options.folder, 'posthaste.toml')
  }

  #configText(): string {
    const { folder, resolverPort, receiverPort, mostRecipients, mostSessions } = this.#options
    return `hostname = "relay.bench.example"
data_dir = ${JSON.stringify(join(folder, 'data'))}

[[listener]]
addresses = ["127.0.0.1:${this.port}"]
max_recipients = ${mostRecipients}
max_sessions = ${mostSessions}
max_sessions_per_address = ${mostSessions}

[operations]
address = "127.0.0.1:0"

[[trusted]]
network = "127.0.0.0/8"
stream = "bulk"

[dns]
servers = ["127.0.0.1:${resolverPort}"]
refuse_networks = []

[delivery]
port = ${receiverPort}
`
  }

  async #command(...args: readonly string[]): Promise<void> {
    const child = spawn(process.execPath, [program, ...args, '--config', this.#configFile], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const [exitCode] = await once(child, 'exit')
    if (exitCode !== 0) throw new Error(`posthaste ${args.join(' ')} ended with ${exitCode}`)
  }
}

/** Free at this moment, on all addresses. */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = LOWEST_PORT + Math.floor(random.fraction() * PORTS)
    const server = createServer().listen(port, '0.0.0.0')
    const isFree = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ])
    server.close()
    if (isFree) return port
  }
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      socket.end('QUIT\r\n')
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function octetsOf(file: string): number {
  try {
    return statSync(file).blocks * BLOCK_OCTETS
  } catch {
    // It has just been removed.
    return 0
  }
}
