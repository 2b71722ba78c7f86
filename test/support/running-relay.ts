// SPDX-License-Identifier: Apache-2.0
/**
 * A whole relay for a test: an installation that the real commands made, and the real program as a process of its own.
 *
 *     await using sink = await startSink()
 *     await using relay = await RunningRelay.start({ config: routeTo(sink.port) })
 *     …hand in mail at relay.port, with relay.secret over STARTTLS…
 *     await relay.waitForEvent((event) => event.type === 'message.delivered')
 */
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DurationMs } from '../../src/base/brand.ts'
import type { Event } from '../../src/events/event.ts'
import type { DnsRecord } from '../../src/records/domains/dns-records.ts'
import { type Answer, answerTo } from './api-answer.ts'
import { CommandLine, type Finished } from './command-line.ts'
import { EventFeed, type EventTest } from './event-feed.ts'
import { until } from './in-time.ts'
import { type Ended, RelayProcess, type Surroundings } from './relay-process.ts'

export interface RelaySettings extends Surroundings {
  /** Appended to the file that `init` wrote; see `relay-config.ts` for pieces. */
  readonly config?: string
  /** Lines that stand before all tables. */
  readonly top?: string
  /** Lines for the first `[[listener]]`, beside its name and address. */
  readonly submission?: string
  /** The API speaks HTTPS. */
  readonly apiTls?: true
  /** Of each key. */
  readonly requestsPerMinute?: number
  /** Text by name, written beside the configuration. */
  readonly files?: Readonly<Record<string, string>>
  /** Default: a free one, at each start another. */
  readonly port?: number
  /** Default: `data` in the folder. */
  readonly dataDir?: string
  /** Added with fresh keys before the start. */
  readonly domains?: readonly string[]
  /** Command lines that run before the start, such as `['stream', 'add', …]`. */
  readonly commands?: readonly (readonly string[])[]
  /** Options of `serve`, such as `['--workers', '2']`. */
  readonly serve?: readonly string[]
}

/** As the relay of every test calls itself. */
export const RELAY_HOST = 'relay.example.com'

export class RunningRelay implements AsyncDisposable {
  readonly folder: string
  readonly configFile: string
  readonly dataDir: string
  /** Of a credential of the tenant `default`. */
  readonly secret: string
  /** Made by `init`, for the API. */
  readonly adminKey: string
  readonly #shell: CommandLine
  readonly #environment: RelaySettings['environment']
  readonly #scheme: 'http' | 'https'
  #process: RelayProcess
  #events: EventFeed

  /** Resolves when it takes mail; rejects with its log where it does not. */
  static async start(settings: RelaySettings = {}): Promise<RunningRelay> {
    const shell = await CommandLine.open()
    try {
      const secrets = await install(shell, settings)
      const running = await RelayProcess.start(
        join(shell.folder, 'posthaste.toml'),
        settings.serve,
        settings,
      )
      const dataDir = settings.dataDir ?? join(shell.folder, 'data')
      return new RunningRelay(shell, dataDir, secrets, running, settings)
    } catch (thrown) {
      await shell[Symbol.asyncDispose]()
      throw thrown
    }
  }

  private constructor(
    shell: CommandLine,
    dataDir: string,
    { credential, adminKey }: Secrets,
    running: RelayProcess,
    { apiTls, environment }: RelaySettings,
  ) {
    this.#scheme = apiTls ? 'https' : 'http'
    this.#environment = environment
    this.#shell = shell
    this.folder = shell.folder
    this.configFile = join(shell.folder, 'posthaste.toml')
    this.dataDir = dataDir
    this.secret = credential
    this.adminKey = adminKey
    this.#process = running
    this.#events = new EventFeed(this.dataDir)
  }

  /** Where mail is handed in. */
  get port(): number {
    return this.portOf('submission')
  }

  /** The first of a listener. */
  portOf(listener: string): number {
    return this.#process.portOf(listener)
  }

  get operationsPort(): number {
    return this.#process.operationsPort
  }

  /** Of the HTTP API, such as `http://127.0.0.1:8026/api/v1`. */
  get api(): string {
    return `${this.#scheme}://127.0.0.1:${this.#process.apiPort}/api/v1`
  }

  get pid(): number {
    return this.#process.pid
  }

  /** What the process has written since it was started. */
  get log(): string {
    return this.#process.log
  }

  /** All since the installation was made, as an async iterable too. */
  get events(): EventFeed {
    return this.#events
  }

  /** A command of the installation, however it ends. Names of files are absolute. */
  cli(...args: readonly string[]): Promise<Finished> {
    return this.#shell.run(...args)
  }

  /** `serve` once more, in the installation's folder, however it ends. */
  serveAgain(): Promise<Finished> {
    return this.#shell.runAlone('serve')
  }

  /** The result of a command that must succeed. */
  json(...args: readonly string[]): Promise<unknown> {
    return this.#shell.json(...args)
  }

  /** What the API answers to a key, to `null` without one. A body that is text goes as it is. */
  ask(
    method: string,
    path: string,
    secret: string | null = this.adminKey,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return answerTo({ method, url: this.api + path, body, secret, headers })
  }

  /** A key of a tenant for the API; without scopes the command's own. */
  async newKey(tenant: string, ...scopes: readonly string[]): Promise<string> {
    const options = scopes.flatMap((scope) => ['--scope', scope])
    return secretIn(await this.json('key', 'add', '--label', 'app', '--tenant', tenant, ...options))
  }

  /** What `/metrics` says. */
  async metrics(): Promise<string> {
    return await (await fetch(`http://127.0.0.1:${this.operationsPort}/metrics`)).text()
  }

  /** The first event that passes, also one that is long past; its failure shows events and log. */
  waitForEvent<T extends Event = Event>(test: EventTest<T>, within?: DurationMs): Promise<T> {
    return this.#events.first(test, within, () => `log:\n${this.log}`)
  }

  /** What the domain's owner is told to publish. */
  async dnsRecordsOf(domain: string): Promise<readonly DnsRecord[]> {
    const { dns } = (await this.json('domain', 'show', domain)) as { dns: readonly DnsRecord[] }
    return dns
  }

  /** `/readyz`: whether it takes mail, and why not. */
  async readiness(): Promise<{ readonly status: string; readonly why: string }> {
    const answer = await fetch(`http://127.0.0.1:${this.operationsPort}/readyz`)
    return (await answer.json()) as { status: string; why: string }
  }

  /** Resolves when `/readyz` says `status`; its failure shows the log. */
  async untilReadiness(status: 'ready' | 'not ready'): Promise<void> {
    let answer = await this.readiness()
    await until(
      async () => {
        answer = await this.readiness()
        return answer.status === status
      },
      () => `the relay is ${answer.status} (${answer.why}):\n${this.log}`,
    )
  }

  signal(name: NodeJS.Signals): void {
    this.#process.signal(name)
  }

  /** SIGTERM; resolves when it has drained and ended. */
  async stop(): Promise<Ended> {
    const ended = await this.#process.stop()
    await this.#events.close()
    return ended
  }

  /** SIGKILL, as a power cut would. */
  async kill(): Promise<Ended> {
    const ended = await this.#process.kill()
    await this.#events.close()
    return ended
  }

  /** After `stop` or `kill`, with these options of `serve`. Free ports are other ones now. */
  async restart(serve?: readonly string[]): Promise<void> {
    this.#process = await RelayProcess.start(this.configFile, serve, {
      ...(this.#environment && { environment: this.#environment }),
    })
    this.#events = new EventFeed(this.dataDir)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await this.#shell[Symbol.asyncDispose]()
  }
}

async function install(shell: CommandLine, settings: RelaySettings): Promise<Secrets> {
  const { dataDir = join(shell.folder, 'data') } = settings
  const made = await shell.init(RELAY_HOST, '--data-dir', dataDir)
  const file = join(shell.folder, 'posthaste.toml')
  const { port = 0, top = '', submission = '', config = '' } = settings
  const text = readFileSync(file, 'utf8')
    .replace('["127.0.0.1:2525"]', `["127.0.0.1:${port}"]\n${submission}`)
    .replace('"127.0.0.1:2526"', '"127.0.0.1:0"')
    .replace('"127.0.0.1:8025"', '"127.0.0.1:0"')
    .replace('"127.0.0.1:8026"', `"127.0.0.1:0"\n${apiLines(settings)}`)
  writeFileSync(file, `${top}${text}\n${config}`)
  for (const [name, contents] of Object.entries(settings.files ?? {})) {
    mkdirSync(dirname(join(shell.folder, name)), { recursive: true })
    writeFileSync(join(shell.folder, name), contents, { mode: 0o600 })
  }
  const commands = [
    ...(settings.domains ?? []).map((domain) => ['domain', 'add', domain]),
    ...(settings.commands ?? []),
  ]
  for (const command of commands) await shell.json(...command)
  const credential = ['credential', 'add', '--label', 'test', '--tenant', 'default']
  const added = await shell.json(...credential)
  return {
    credential: secretIn(added),
    adminKey: secretIn((made as { adminKey: unknown }).adminKey),
  }
}

function apiLines({ apiTls, requestsPerMinute }: RelaySettings): string {
  const rate = requestsPerMinute === undefined ? '' : `requests_per_minute = ${requestsPerMinute}`
  return `${apiTls ? 'tls = true' : ''}\n${rate}`
}

/** What programs get in with. */
interface Secrets {
  readonly credential: string
  /** Of the API. */
  readonly adminKey: string
}

function secretIn(made: unknown): string {
  assert.ok(made !== null && typeof made === 'object' && 'secret' in made)
  return String(made.secret)
}
