// SPDX-License-Identifier: Apache-2.0
/**
 * Replaces the workers of a relay again and again while clients come and go, and counts those that were refused, or
 * reset before the greeting.
 *
 *   npm run bench:restarts -- [--help]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { wholeNumber } from '../test/support/program-options.ts'
import { commandLine, workFolder } from './command-line.ts'
import { endProcess, program } from './program-process.ts'

const CLIENTS = 8
const values = commandLine(
  `Usage: npm run bench:restarts -- [options]
  --restarts <n>        of all processes, one by one (default 30)
  --connections <n>     in all, at least (default 80000)
  --workers <n>         of the relay (default 2)`,
  {
    restarts: { type: 'string', default: '30' },
    connections: { type: 'string', default: '80000' },
    workers: { type: 'string', default: '2' },
  },
)
const wanted = {
  restarts: wholeNumber('restarts', values.restarts),
  connections: wholeNumber('connections', values.connections),
}
const workers = wholeNumber('workers', values.workers)
const counts = { greeted: 0, refused: 0, reset: 0, restarts: 0 }

using folder = workFolder(values.dir, 'restarts')
const relay = await start()
await Promise.all([
  replaceAgainAndAgain(relay),
  ...Array.from({ length: CLIENTS }, () => clients(relay.port)),
])
await endProcess(relay.child)
console.log(
  values.json
    ? JSON.stringify(counts)
    : `${counts.restarts} restarts: ${counts.greeted} connections greeted, ${counts.refused} refused, ${counts.reset} reset`,
)
process.exitCode = counts.refused + counts.reset === 0 ? 0 : 1

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
      [program, 'init', '--dir', folder.path, '--hostname', 'relay.bench.example'],
      { stdio: 'ignore' },
    ).once('close', resolve)
  })
  const file = join(folder.path, 'posthaste.toml')
  writeFileSync(
    file,
    readFileSync(file, 'utf8')
      .replace('127.0.0.1:2525', '127.0.0.1:0')
      .replace('127.0.0.1:2526', '127.0.0.1:0')
      .replace('127.0.0.1:8025', '127.0.0.1:0')
      .replace('127.0.0.1:8026', '127.0.0.1:0'),
  )
  const child = spawn(
    process.execPath,
    [program, 'serve', '--config', file, '--workers', String(workers)],
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
