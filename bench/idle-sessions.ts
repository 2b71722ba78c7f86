// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run bench:idle`: what sessions cost that only wait. Opens 10,000 to a relay (or as many as the first argument says), once
 * in the clear and once in TLS, and prints how much memory of the relay each one took.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectClear, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { connect as connectTls } from 'node:tls'
import { fileURLToPath } from 'node:url'

const COUNT = Number(process.argv[2] ?? 10_000)
const AT_ONCE = 50
const SETTLE_MS = 3_000

const program = fileURLToPath(new URL('../bin/posthaste.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'posthaste-idle-'))
const configFile = join(folder, 'posthaste.toml')
try {
  execFileSync(process.execPath, [program, 'init', '--dir', folder, '--hostname', 'relay.example'])
  const limits = `max_sessions = 100000\nmax_sessions_per_address = 100000`
  const text = readFileSync(configFile, 'utf8')
    .replace('["127.0.0.1:2525"]', `["127.0.0.1:0"]\n${limits}`)
    .replace('127.0.0.1:8025', '127.0.0.1:0')
  const secure = `[[listener]]\nname = "smtps"\naddresses = ["127.0.0.1:0"]\ntls = "implicit"\n${limits}\n`
  writeFileSync(configFile, `max_memory = "4 GiB"\n${text}\n${secure}`)
  await measure('in the clear', 'submission', connectClear)
  await measure('in TLS', 'smtps', (port, host) =>
    connectTls({ port, host, rejectUnauthorized: false }),
  )
} finally {
  rmSync(folder, { recursive: true })
}

async function measure(
  what: string,
  listener: string,
  connect: (port: number, host: string) => Socket,
): Promise<void> {
  const { child, port } = await startRelay(listener)
  try {
    const before = residentOctets(child)
    const sockets: Socket[] = []
    while (sockets.length < COUNT)
      sockets.push(
        ...(await Promise.all(
          Array.from({ length: AT_ONCE }, () => idle(connect(port, '127.0.0.1'))),
        )),
      )
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    const after = residentOctets(child)
    const each = Math.round((after - before) / sockets.length)
    console.log(
      `${sockets.length} idle sessions ${what}: ${mebibytes(before)} before, ${mebibytes(after)} with them, ${each} octets each`,
    )
    for (const socket of sockets) socket.destroy()
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
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

function residentOctets({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1_024
}

function mebibytes(octets: number): string {
  return `${(octets / 1_048_576).toFixed(0)} MiB`
}
