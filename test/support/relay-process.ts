// SPDX-License-Identifier: Apache-2.0
/** `posthaste serve` as a child process: its log, its ports, its end. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { memoryFlags } from '../../src/app/process-memory.ts'
import { memoryLimits } from '../../src/base/limits/process-limits.ts'
import { program } from './command-line.ts'
import { inTime } from './in-time.ts'

export interface Surroundings {
  /** RLIMIT_NOFILE; by default that of the test. */
  readonly openFiles?: number
  /** Default: ours. */
  readonly environment?: NodeJS.ProcessEnv
}

export interface Ended {
  /** `null` where a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

type Child = ChildProcessByStdio<null, null, Readable>

export class RelayProcess {
  readonly pid: number
  readonly operationsPort: number
  readonly #listeners: TakingMail['listeners']
  /** `null` where the configuration has no API. */
  readonly apiPort: number | null
  readonly #child: Child
  readonly #log: string[]
  readonly #ended: Promise<Ended>

  private constructor(child: Child, log: string[], ended: Promise<Ended>, line: TakingMail) {
    this.#child = child
    this.#log = log
    this.#ended = ended
    this.pid = line.pid
    this.#listeners = line.listeners
    this.operationsPort = line.operations
    this.apiPort = line.api ?? null
  }

  /** Resolves when it takes mail; rejects with its log where it ends before. */
  static async start(
    configFile: string,
    options: readonly string[] = [],
    { openFiles, environment = process.env }: Surroundings = {},
  ): Promise<RelayProcess> {
    const command = [process.execPath, ...usualFlags(configFile)]
    command.push(program, 'serve', '--config', configFile, ...options)
    // It becomes the command: the process id stays.
    const limited = openFiles === undefined ? [] : ['prlimit', `--nofile=${openFiles}:${openFiles}`]
    const [name = '', ...args] = [...limited, ...command]
    const child = spawn(name, args, { stdio: ['ignore', 'ignore', 'pipe'], env: environment })
    // A test that dies takes its relay along.
    const kill = () => child.kill('SIGKILL')
    process.once('exit', kill)
    const ended = once(child, 'close').then(([code, signal]): Ended => {
      process.off('exit', kill)
      return { code, signal }
    })
    const log: string[] = []
    try {
      const early = ended.then(({ code, signal }) => {
        throw new Error(`the relay ended with ${code ?? signal}:\n${log.join('')}`)
      })
      const line = await inTime(
        Promise.race([untilReady(child, log), early]),
        () => `the relay takes no mail:\n${log.join('')}`,
      )
      return new RelayProcess(child, log, ended, line)
    } catch (thrown) {
      kill()
      throw thrown
    }
  }

  /** The first port of a listener; throws where there is none of that name. */
  portOf(listener: string): number {
    const port = this.#listeners[listener]?.[0]
    if (port === undefined) throw new Error(`no listener "${listener}"`)
    return port
  }

  /** Everything on standard error so far. */
  get log(): string {
    return this.#log.join('')
  }

  /** SIGTERM, and its end. */
  stop(): Promise<Ended> {
    return this.#end('SIGTERM')
  }

  /** SIGKILL, and its end. */
  kill(): Promise<Ended> {
    return this.#end('SIGKILL')
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  #end(signal: NodeJS.Signals): Promise<Ended> {
    this.#child.kill(signal)
    return inTime(this.#ended, () => `the relay goes on after ${signal}:\n${this.log}`)
  }
}

/** Those with which it would start itself anew, which takes a sixth of a start. One that is told its memory finds its own. */
function usualFlags(configFile: string): readonly string[] {
  const isTold = /^max_memory\b/m.test(readFileSync(configFile, 'utf8'))
  return isTold ? [] : memoryFlags(memoryLimits.processOctets)
}

/** What the relay logs when it is there. */
interface TakingMail {
  readonly text: string
  readonly pid: number
  readonly listeners: Readonly<Record<string, readonly number[]>>
  readonly operations: number
  readonly api?: number | null
}

/** Collects the log for good; resolves at the line that says that it takes mail. */
function untilReady(child: Child, log: string[]): Promise<TakingMail> {
  return new Promise((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log.push(text)
      const line = log.join('').match(/^.*"text":"taking mail"\}$/m)?.[0]
      if (line !== undefined) resolve(JSON.parse(line))
    })
  })
}
