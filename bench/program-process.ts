// SPDX-License-Identifier: Apache-2.0
/** The processes of a benchmark: scripts beside it, and a relay that is awaited until it greets. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { seconds } from '../src/base/brand.ts'
import { SystemClock } from '../src/base/clock.ts'
import { SystemRandom } from '../src/base/random.ts'

/** The relay, as people start it. */
export const program = fileURLToPath(new URL('../bin/posthaste.js', import.meta.url))

const clock = new SystemClock()
const random = new SystemRandom()
const POLL = seconds(0.02)
const GREETING_MS = 120_000
/** Below the ports that the system gives to outgoing connections: one of those could meet itself on loopback. */
const LOWEST_PORT = 20_000
const PORTS = 10_000

/** A script of this folder, with a channel to it. */
export function startScript(name: string, ...args: readonly string[]): ChildProcess {
  return fork(fileURLToPath(new URL(name, import.meta.url)), [...args])
}

/** The next that it says. */
export async function messageFrom<T>(child: ChildProcess): Promise<T> {
  const [message] = (await once(child, 'message')) as [T]
  return message
}

/** Resolves when it has ended, or had before. */
export async function endProcess(
  child: ChildProcess,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM',
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}

/** Until the relay greets on 127.0.0.1. Throws what is in its log where it does not within two minutes. */
export async function untilGreeting(
  port: number,
  relay: ChildProcess,
  logFile: string,
): Promise<void> {
  for (const begun = clock.monotonic(); clock.monotonic() - begun < GREETING_MS; ) {
    if (relay.exitCode !== null) break
    if (await greets(port)) return
    await clock.sleep(POLL)
  }
  throw new Error(`the relay does not greet:\n${readFileSync(logFile, 'utf8')}`)
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
