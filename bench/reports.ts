// SPDX-License-Identifier: Apache-2.0
/**
 * How many bounces a second one process takes in: a relay sends so many messages, and each comes back as a delivery report to its
 * own return path, by some connections at once. SMTP, SPF, DKIM and DMARC by a name server on loopback, understanding,
 * correlation and the synced event are all in it. Counts the CPU of the relay.
 *
 *   npm run bench:reports -- [--reports 5000] [--connections 20]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { run } from '../src/app/cli/program.ts'
import { SystemClock } from '../src/base/clock.ts'
import { ZoneServer } from '../src/dns/zone-server.ts'
import { wholeNumber } from '../test/support/program-options.ts'
import { commandLine, workFolder } from './command-line.ts'
import { cpuMsOf, type ThreadKind, threadCpuOf } from './process-tree.ts'
import { endProcess, program, quietPort, untilGreeting } from './program-process.ts'
import { deliveryReport, ReportConnection } from './report-connection.ts'

const values = commandLine(
  `Usage: npm run bench:reports -- [options]
  --reports <n>         that come back (default 5000)
  --connections <n>     that bring them (default 20)`,
  {
    reports: { type: 'string', default: '5000' },
    connections: { type: 'string', default: '20' },
  },
)
const reports = wholeNumber('reports', values.reports)
const connections = wholeNumber('connections', values.connections)
const clock = new SystemClock()
using work = workFolder(values.dir, 'reports')
const folder = work.path
const configFile = join(folder, 'posthaste.toml')

/** Return paths that the receiver has seen. */
const paths: string[] = []
const sink = createServer((socket) => {
  let held = ''
  let isContent = false
  socket.setEncoding('latin1').on('error', () => {})
  socket.write('220 sink.example\r\n')
  socket.on('data', (text) => {
    held += text
    for (let end = held.indexOf('\r\n'); end !== -1; end = held.indexOf('\r\n')) {
      const line = held.slice(0, end)
      held = held.slice(end + 2)
      if (isContent && line !== '.') continue
      const path = /^MAIL FROM:<([^>]+)>/.exec(line)?.[1]
      if (path !== undefined) paths.push(path)
      isContent = line === 'DATA'
      socket.write(isContent ? '354 go on\r\n' : '250 2.0.0 Ok\r\n')
    }
  })
})

const children: ReturnType<typeof spawn>[] = []
try {
  await once(sink.listen(0, '127.0.0.1'), 'listening')
  const address = sink.address()
  const sinkPort = typeof address === 'object' ? (address?.port ?? 0) : 0
  await using zone = await ZoneServer.start({ zone: 'mx.example TXT "v=spf1 ip4:127.0.0.1 -all"' })
  const [port, inbound] = [await quietPort(), await quietPort()]
  await command('init', '--dir', folder, '--hostname', 'relay.bench.example')
  writeFileSync(configFile, configText(port, inbound, sinkPort, `${zone.address}:${zone.port}`))
  await command('domain', 'add', 'sender.example')
  const logFile = join(folder, 'relay.log')
  const log = openSync(logFile, 'w')
  const relay = spawn(process.execPath, [program, 'serve', '--config', configFile], {
    stdio: ['ignore', log, log],
  })
  children.push(relay)
  await untilGreeting(port, relay, logFile)
  await bring(
    port,
    Array.from({ length: reports }, (_, at) => `user${at}@receiver.example`),
    letter,
  )
  while (paths.length < reports) await clock.sleep(20 as Parameters<typeof clock.sleep>[0])
  const before = cpuMsOf(relay.pid ?? 0)
  const threadsBefore = threadCpuOf(relay.pid ?? 0)
  const begun = clock.monotonic()
  const taken = await bring(inbound, paths, deliveryReport)
  const tookMs = clock.monotonic() - begun
  const cpuMs = cpuMsOf(relay.pid ?? 0) - before
  const threads = threadCpuOf(relay.pid ?? 0)
  const perSecond = Math.round((taken / tookMs) * 1_000)
  const cpuPerReport = Number((cpuMs / taken).toFixed(3))
  const shares = (Object.keys(threads) as ThreadKind[]).flatMap((kind) => {
    const [now, then] = [threads[kind], threadsBefore[kind]]
    const ms = now.userMs + now.systemMs - then.userMs - then.systemMs
    return ms > 0 ? [[kind, Number((ms / taken).toFixed(3))] as const] : []
  })
  if (values.json) {
    const cpuByThread = Object.fromEntries(shares)
    console.log(
      JSON.stringify({ taken, reports, connections, perSecond, cpuPerReport, cpuByThread }),
    )
  } else {
    console.log(
      `${taken} of ${reports} reports taken, ${perSecond} a second over ${connections} connections`,
    )
    console.log(
      `CPU of the relay: ${cpuPerReport.toFixed(3)} ms a report, so ${Math.round((taken / cpuMs) * 1_000)} a second on one core`,
    )
    console.log(`of it by threads: ${shares.map(([kind, ms]) => `${kind} ${ms}`).join(', ')}`)
  }
} finally {
  await Promise.all(children.map((child) => endProcess(child)))
  sink.close()
}

/** One after the other on each connection; how many got a 250. */
async function bring(
  port: number,
  recipients: readonly string[],
  content: (recipient: string) => string,
): Promise<number> {
  const waiting = [...recipients].reverse()
  let taken = 0
  await Promise.all(
    Array.from({ length: connections }, async () => {
      await using connection = await ReportConnection.open(port)
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
        if (await connection.send(next, content(next))) taken++
    }),
  )
  return taken
}

function letter(recipient: string): string {
  return `From: <news@sender.example>\r\nTo: <${recipient}>\r\nSubject: News\r\n\r\nNews.\r\n`
}

function configText(port: number, inbound: number, sinkPort: number, dns: string): string {
  return `hostname = "relay.bench.example"
data_dir = ${JSON.stringify(join(folder, 'data'))}

[[listener]]
name = "submission"
addresses = ["127.0.0.1:${port}"]
max_sessions_per_address = 1000

[[listener]]
name = "inbound"
role = "inbound"
addresses = ["127.0.0.1:${inbound}"]
max_sessions_per_address = 1000

[operations]
address = "127.0.0.1:0"

[[trusted]]
network = "127.0.0.0/8"

[[route]]
domain = "*"
host = "127.0.0.1"
port = ${sinkPort}

[dns]
servers = ["${dns}"]
`
}

/** Ends the program where a command fails; the command has said why. */
async function command(...args: readonly string[]): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const surroundings = { output: nowhere, errors: process.stderr, environment: process.env }
  const exitCode = await run([...args, '--config', configFile], surroundings)
  if (exitCode !== 0) process.exit(exitCode)
}
