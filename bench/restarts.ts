// SPDX-License-Identifier: Apache-2.0
/**
 * Replaces the workers of a relay again and again while clients come and go, and counts those that were refused, or
 * reset before the greeting.
 *
 *   npm run bench:restarts -- [--restarts 30] [--connections 80000] [--workers 2]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const CLIENTS = 8
const { values } = parseArgs({
  options: {
    restarts: { type: 'string', default: '30' },
    connections: { type: 'string', default: '80000' },
    workers: { type: 'string', default: '2' },
  },
})
const wanted = { restarts: Number(values.restarts), connections: Number(values.connections) }
const program = fileURLToPath(new URL('../bin/posthaste.js', import.meta.url))
const counts = { greeted: 0, refused: 0, reset: 0, restarts: 0 }
const folder = mkdtempSync(join(tmpdir(), 'posthaste-restarts-'))

try {
  const relay = await start()
  await Promise.all([
    replaceAgainAndAgain(relay),
    ...Array.from({ length: CLIENTS }, () => clients(relay.port)),
  ])
  relay.child.kill('SIGTERM')
  console.log(JSON.stringify(counts))
  process.exitCode = counts.refused + counts.reset === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

interface Started {
  readonly child: ChildProcess
  readonly port: number
  /** Resolves at the next line of the log with this text. */
  readonly line: (text: string) => Promise<void>
}

async function start(): Promise<Started> {
  await new Promise((resolve) => {
    spawn(
      process.execPath,
      [program, 'init', '--dir', folder, '--hostname', 'relay.bench.example'],
      { stdio: 'ignore' },
    ).once('close', resolve)
  })
  const file = join(folder, 'posthaste.toml')
  writeFileSync(
    file,
    readFileSync(file, 'utf8')
      .replace('127.0.0.1:2525', '127.0.0.1:0')
      .replace('127.0.0.1:8025', '127.0.0.1:0')
      .replace('127.0.0.1:8026', '127.0.0.1:0'),
  )
  const child = spawn(
    process.execPath,
    [program, 'serve', '--config', file, '--workers', values.workers],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const waiting: { readonly text: string; readonly found: (line: string) => void }[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    for (const each of waiting.splice(0))
      if (line.includes(each.text)) each.found(line)
      else waiting.push(each)
  })
  const find = (text: string) => new Promise<string>((found) => waiting.push({ text, found }))
  const { listeners } = JSON.parse(await find('"taking mail"'))
  return { child, port: listeners.submission[0], line: async (text) => void (await find(text)) }
}

async function replaceAgainAndAgain({ child, line }: Started): Promise<void> {
  while (counts.restarts < wanted.restarts) {
    const replaced = line('all processes are replaced')
    child.kill('SIGUSR2')
    await replaced
    counts.restarts++
  }
}

/** One after the other, until there were enough restarts and connections. */
async function clients(port: number): Promise<void> {
  while (counts.restarts < wanted.restarts || counts.greeted < wanted.connections)
    counts[await client(port)]++
}

/** A whole session: greeting, QUIT, the end. */
function client(port: number): Promise<'greeted' | 'refused' | 'reset'> {
  return new Promise((resolve) => {
    let isGreeted = false
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('data', (octets) => {
      if (isGreeted) return
      isGreeted = octets.toString('latin1').startsWith('220 ')
      socket.write('QUIT\r\n')
    })
    socket.once('error', (thrown: NodeJS.ErrnoException) => {
      if (!isGreeted) resolve(thrown.code === 'ECONNREFUSED' ? 'refused' : 'reset')
    })
    socket.once('close', () => resolve(isGreeted ? 'greeted' : 'reset'))
  })
}
