// SPDX-License-Identifier: Apache-2.0
/** A server of other people in the foreground, with its output in a file and a folder of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { untilListening } from '../support/free-port.ts'

export interface Start {
  readonly command: readonly [string, ...string[]]
  readonly environment: NodeJS.ProcessEnv
  readonly port: number
}

/** Everybody may look into it: servers give up root. */
export async function openFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `posthaste-${name}-`))
  chmodSync(folder, 0o755)
  return folder
}

export function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

export class RunningServer implements AsyncDisposable {
  readonly #logFile: string
  readonly #end: () => Promise<void>

  /** Resolves when it listens. */
  static async start(
    folder: string,
    { command, environment, port }: Start,
  ): Promise<RunningServer> {
    const logFile = join(folder, 'output')
    const log = openSync(logFile, 'a')
    const [program, ...args] = command
    const child = spawn(program, args, {
      env: environment,
      cwd: folder,
      stdio: ['ignore', log, log],
      // A group of its own, whose children end with it.
      detached: true,
    })
    closeSync(log)
    const ended = once(child, 'exit').catch((thrown: unknown) => thrown)
    const server = new RunningServer(logFile, async () => {
      const { pid } = child
      if (pid === undefined) return
      try {
        process.kill(-pid, 'SIGTERM')
      } catch {
        // All of the group have ended.
      }
      await ended
    })
    try {
      await untilListening(port, () => `${command.join(' ')}: ${child.exitCode}\n${server.log()}`)
      return server
    } catch (thrown) {
      await server[Symbol.asyncDispose]()
      throw thrown
    }
  }

  private constructor(logFile: string, end: () => Promise<void>) {
    this.#logFile = logFile
    this.#end = end
  }

  log(): string {
    return existsSync(this.#logFile) ? readFileSync(this.#logFile, 'utf8') : '(no output)'
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end()
  }
}
