// SPDX-License-Identifier: Apache-2.0
/**
 * `posthaste serve` as a child process that can be killed at any moment, and started again on the same data. With
 * several workers it is a tree: the child is the supervisor, and all its members write to the same log.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../src/base/clock.ts'
import type { Installation } from './installation.ts'
import { type LogLine, Members } from './members.ts'

/** `plain`: what is installed. `hurried`: see there. */
const PROGRAMS = {
  plain: fileURLToPath(new URL('../../bin/posthaste.js', import.meta.url)),
  hurried: fileURLToPath(new URL('hurried-relay.ts', import.meta.url)),
}

export class RelayProcess {
  readonly #child: ChildProcess
  /** When the last process that has the log open is gone. */
  readonly #gone: Promise<unknown>
  #isEnding = false
  readonly members = new Members()
  /** Resolves when it takes mail; rejects when it ended before. */
  readonly ready: Promise<{ readonly port: number; readonly tookMs: number }>

  /** Its log goes to `relay.log`; `onError` gets lines that say that mail is at risk, and what is no log line. */
  constructor(
    installation: Installation,
    program: keyof typeof PROGRAMS,
    workers: number,
    clock: Clock,
    onError: (line: string) => void,
  ) {
    const begun = clock.monotonic()
    const logFile = join(installation.folder, 'relay.log')
    const { PATH, NODE_COMPILE_CACHE } = process.env
    this.#child = spawn(
      process.execPath,
      [
        ...[PROGRAMS[program], 'serve', '--config', installation.configFile],
        ...['--workers', String(workers)],
      ],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { PATH, NODE_COMPILE_CACHE },
      },
    )
    this.#gone = once(this.#child, 'close')
    this.ready = new Promise((resolve, reject) => {
      const { stderr } = this.#child
      if (stderr === null) throw new TypeError('standard error is a pipe')
      createInterface({ input: stderr }).on('line', (line) => {
        appendFileSync(logFile, `${line}\n`)
        const said = readLine(line)
        this.members.note(said)
        if (said.level === undefined || said.level === 'error') onError(line)
        if (said.text === 'taking mail' && said.listeners !== undefined)
          resolve({ port: said.listeners.submission[0] ?? 0, tookMs: clock.monotonic() - begun })
      })
      this.#child.once('exit', (code) => {
        if (!this.#isEnding) onError(`ended with ${code}, by itself`)
        reject(new Error(`the relay did not start; see ${logFile}`))
      })
    })
    // Whoever kills it while it starts does not wait for it to be ready.
    this.ready.catch(() => undefined)
  }

  /** SIGKILL to the child alone; resolves when its members, if it has any, are gone too: they end by themselves. */
  async kill(): Promise<void> {
    this.#isEnding = true
    this.#child.kill('SIGKILL')
    await this.#gone
  }

  /** SIGKILL to the child, then to all its members; resolves when all are gone. */
  async killAll(): Promise<void> {
    const gone = this.kill()
    this.members.killAll()
    await gone
  }

  /** SIGTERM; resolves with the exit code when it has drained. */
  async stop(): Promise<number | null> {
    this.#isEnding = true
    this.#child.kill('SIGTERM')
    await this.#gone
    return this.#child.exitCode
  }
}

function readLine(line: string): LogLine {
  try {
    return JSON.parse(line)
  } catch {
    // A stack trace, or what else is no log line; or cut by the kill.
    return { text: line }
  }
}
