// SPDX-License-Identifier: Apache-2.0
/** `posthaste serve` as a child process that can be killed at any moment, and started again on the same data. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../src/base/clock.ts'
import type { Installation } from './installation.ts'

/** `plain`: what is installed. `hurried`: see there. */
const PROGRAMS = {
  plain: fileURLToPath(new URL('../../bin/posthaste.js', import.meta.url)),
  hurried: fileURLToPath(new URL('hurried-relay.ts', import.meta.url)),
}

interface LogLine {
  readonly level?: string
  readonly text?: string
  readonly submission?: number
}

export class RelayProcess {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  /** Resolves when it takes mail; rejects when it ended before. */
  readonly ready: Promise<{ readonly port: number; readonly tookMs: number }>

  /** Its log goes to `relay.log`; `onError` gets lines that say that mail is at risk, and what is no log line. */
  constructor(
    installation: Installation,
    program: keyof typeof PROGRAMS,
    clock: Clock,
    onError: (line: string) => void,
  ) {
    const begun = clock.monotonic()
    const logFile = join(installation.folder, 'relay.log')
    this.#child = spawn(
      process.execPath,
      [PROGRAMS[program], 'serve', '--config', installation.configFile],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { PATH: process.env['PATH'] },
      },
    )
    this.#exited = once(this.#child, 'exit')
    this.ready = new Promise((resolve, reject) => {
      const { stderr } = this.#child
      if (stderr === null) throw new TypeError('standard error is a pipe')
      createInterface({ input: stderr }).on('line', (line) => {
        appendFileSync(logFile, `${line}\n`)
        const { level, text, submission } = readLine(line)
        if (level === undefined || level === 'error') onError(line)
        if (text === 'taking mail' && submission !== undefined)
          resolve({ port: submission, tookMs: clock.monotonic() - begun })
      })
      this.#child.once('exit', () => reject(new Error(`the relay did not start; see ${logFile}`)))
    })
    // Whoever kills it while it starts does not wait for it to be ready.
    this.ready.catch(() => undefined)
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  /** SIGTERM; resolves with the exit code when it has drained. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM')
    await this.#exited
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
