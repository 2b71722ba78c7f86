// SPDX-License-Identifier: Apache-2.0
/** The relay of the depth benchmark: installed by the real commands, started, stopped, killed, and its disk. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endProcess, program, quietPort, untilGreeting } from './program-process.ts'

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
  /** Retained events, and what they are found by. */
  readonly events: number
  readonly index: number
}

const BLOCK_OCTETS = 512
/** Of the log of a relay that ended by itself. */
const LAST_WORDS = 4_000

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
    const logFile = join(folder, 'relay.log')
    const log = openSync(logFile, 'a')
    const profiling =
      profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]
    const child = spawn(
      process.execPath,
      [...profiling, program, 'serve', '--config', this.#configFile],
      { stdio: ['ignore', log, log] },
    )
    this.#child = child
    child.once('exit', (code, signal) => {
      if (this.#child !== child) return
      const lastWords = readFileSync(logFile, 'utf8').slice(-LAST_WORDS)
      process.stderr.write(`the relay ended by itself (${signal ?? code}):\n${lastWords}`)
    })
    await untilGreeting(this.port, child, logFile)
  }

  /** Resolves when the process has ended. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child !== null) await endProcess(child, signal)
  }

  disk(): DiskUse {
    const folder = join(this.#options.folder, 'data')
    const use = { mail: 0, events: 0, index: 0 }
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const last = name.slice(name.lastIndexOf('/') + 1)
      // Of a fixed size, for a full disk.
      if (last === 'reserve') continue
      use[partOf(last)] += octetsOf(join(folder, name))
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

function octetsOf(file: string): number {
  try {
    return statSync(file).blocks * BLOCK_OCTETS
  } catch {
    // It has just been removed.
    return 0
  }
}

function partOf(name: string): keyof DiskUse {
  if (name.startsWith('index.sqlite')) return 'index'
  return name.startsWith('event-') || name.startsWith('search.sqlite') ? 'events' : 'mail'
}
