// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run bench:idle`: what sessions cost that only wait. Opens some to a relay, once in the clear and once in TLS, and prints
 * how much memory of the relay each one took.
 *
 *   npm run bench:idle -- [--help]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect as connectClear, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { connect as connectTls } from 'node:tls'
import { formatSize } from '../src/base/quantity.ts'
import { wholeNumber } from '../test/support/program-options.ts'
import { commandLine, workFolder } from './command-line.ts'
import { residentOctetsOf } from './process-tree.ts'
import { endProcess, program } from './program-process.ts'

const AT_ONCE = 50
const SETTLE_MS = 3_000

const values = commandLine(
  `Usage: npm run bench:idle -- [options]
  --sessions <n>        that wait (default 10000)`,
  { sessions: { type: 'string', default: '10000' } },
)
const wanted = wholeNumber('sessions', values.sessions)
using folder = workFolder(values.dir, 'idle')
const configFile = join(folder.path, 'posthaste.toml')
const place = ['--dir', folder.path, '--hostname', 'relay.example']
execFileSync(process.execPath, [program, 'init', ...place])
const limits = `max_sessions = 100000\nmax_sessions_per_address = 100000`
const text = readFileSync(configFile, 'utf8')
  .replace('["127.0.0.1:2525"]', `["127.0.0.1:0"]\n${limits}`)
  .replace('127.0.0.1:2526', '127.0.0.1:0')
  .replace('127.0.0.1:8025', '127.0.0.1:0')
const secure = `[[listener]]\nname = "smtps"\naddresses = ["127.0.0.1:0"]\ntls = "implicit"\n${limits}\n`
writeFileSync(configFile, `max_memory = "4 GiB"\n${text}\n${secure}`)
await measure('in the clear', 'submission', connectClear)
await measure('in TLS', 'smtps', (port, host) =>
  connectTls({ port, host, rejectUnauthorized: false }),
)

async function measure(
  what: string,
  listener: string,
  connect: (port: number, host: string) => Socket,
): Promise<void> {
  const { child, port } = await startRelay(listener)
  try {
    const pid = child.pid ?? 0
    const before = residentOctetsOf(pid)
    const sockets: Socket[] = []
    while (sockets.length < wanted)
      sockets.push(
        ...(await Promise.all(
          Array.from({ length: AT_ONCE }, () => idle(connect(port, '127.0.0.1'))),
        )),
      )
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    const after = residentOctetsOf(pid)
    const each = Math.round((after - before) / sockets.length)
    const result = { what, sessions: sockets.length, before, after, each }
    console.log(
      values.json
        ? JSON.stringify(result)
        : `${result.sessions} idle sessions ${what}: ${formatSize(before)} before, ${formatSize(after)} with them, ${each} octets each`,
    )
    for (const socket of sockets) socket.destroy()
  } finally {
    await endProcess(child, 'SIGKILL')
  }
}

/** Resolves when the reply to EHLO is there. */
function idle(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let said = ''
    socket.once('error', reject)
    socket.on('data', (octets: Buffer) => {
      if (said === '') socket.write('EHLO client.example\r\n')
      said += octets.toString('latin1')
      if (said.includes('\r\n250 ')) resolve(socket)
    })
  })
}

async function startRelay(
  listener: string,
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = spawn(process.execPath, [program, 'serve', '--config', configFile], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  for await (const line of createInterface({ input: child.stderr }))
    if (line.includes('"taking mail"')) {
      const { listeners } = JSON.parse(line)
      return { child, port: listeners[listener][0] }
    }
  throw new Error('the relay did not start')
}
