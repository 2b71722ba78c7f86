// SPDX-License-Identifier: Apache-2.0
/**
 * Every command of every resource twice against one relay: by its control socket, and as one elsewhere with a key. Both say
 * the same, in text and in JSON, with the same exit code.
 */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, before, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { commandTable } from '../../src/app/cli/command-table.ts'
import { run } from '../../src/app/cli/program.ts'
import { ms } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import { type Row, rows, type Way, ways } from '../support/asked-commands.ts'
import { namesFrom, routeTo } from '../support/relay-config.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'

/** They are about this host, or this program, alone; `tail` has no end. */
const ofThisHost =
  'init config store serve restart sendmail tail inspect classify verify sink'.split(' ')

const clock = new SystemClock()
/** Times that a view is asked again. */
const FOLLOWING = 300
const running = new AsyncDisposableStack()
const kept: Record<Way, Record<string, string>> = { socket: {}, remote: {} }
let sink: RunningSink
let relay: RunningRelay

before(async () => {
  sink = running.use(await startSink())
  const zone = running.use(await ZoneServer.start({ zone: 'dest.example MX 10 mx.dest.example' }))
  relay = running.use(
    await RunningRelay.start({ config: `${namesFrom(zone)}${routeTo(sink.port)}`, commands: [] }),
  )
  const file = (name: string) => join(relay.folder, name)
  await writeFile(file('in.csv'), 'eve@example.net\nfay@example.net\n')
  await writeFile(file('bad.csv'), 'eve@example.net\nno address\n')
})

after(() => running.disposeAsync())

async function said(line: string, way: Way, isJson: boolean) {
  const filled = line.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'way') return way
    if (name === 'dir') return relay.folder
    return kept[way][name] ?? 'nothing'
  })
  const where =
    way === 'socket' ? ['--config', relay.configFile] : ['--url', new URL(relay.api).origin]
  const output = new PassThrough()
  const errors = new PassThrough()
  const args = [...filled.split(' '), ...where, ...(isJson ? ['--json'] : [])]
  const environment = way === 'socket' ? {} : { POSTHASTE_KEY: relay.adminKey }
  const code = await run(args, { output, errors, environment })
  const stdout = String(output.read() ?? '')
  return { code, stdout, stderr: String(errors.read() ?? '') }
}

/** JSON in one order of names, and without how mail was handed in, and who it was that changed something. */
function inOrder(text: string): string {
  return text
    .split('\n')
    .map((line) => (/^[{[].*[}\]]$/.test(line) ? sorted(line) : line))
    .join('\n')
}

function sorted(line: string): string {
  const way = new Set(['protocol', 'size', 'actor', 'token', 'credential'])
  return JSON.stringify(JSON.parse(line), (name, value: unknown) => {
    if (way.has(name)) return 'WAY'
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(
      Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)),
    )
  })
}

/** Without what differs between two of the same: names, ids, times, keys and secrets. */
function alike(text: string): string {
  const known = ways.flatMap((way) => Object.values(kept[way]))
  return (
    known
      .reduce((left, id) => left.replaceAll(id, 'ID'), inOrder(text))
      .replaceAll(/socket|remote/g, 'WAY')
      .replaceAll(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?/g, 'TIME')
      .replaceAll(/\bph_[0-9A-Za-z_]+|\bwhsec_[\w+/=]+/g, 'SECRET')
      .replaceAll(/[0-9A-Za-z+/]{40,}=*/g, 'KEY')
      .replaceAll(/posthaste-domain=\w+/g, 'OWNERSHIP')
      .replaceAll(
        /\b[0-9A-HJKMNP-TV-Z]{10}(?:[0-9A-HJKMNP-TV-Z]{6}|[0-9A-HJKMNP-TV-Z]{16})?\b/g,
        'ID',
      )
      .replaceAll(/\btest_\w+/g, 'ID')
      .replaceAll(
        /"(id|suppression|eventId|sourceEvent|durationMs|duration|number)":"?[\d.]+"?/g,
        '"$1":N',
      )
      .replaceAll(/\b\d+ ms\b/g, 'N ms')
      .replaceAll(/\b(key made by init|local) +(?=127)/g, 'WHO ')
      .replaceAll(/\b\d+ octets by (HTTP|LOCAL)\b|\bsuppression \d+/g, 'N')
      .replaceAll(/\b\d\.\d+\b/g, 'N')
      // Who acts: the operator here, a key there.
      .replaceAll(/the command line|the key made by init|key ID|\blocal\b/g, 'WHO')
      .replaceAll(/ +/g, ' ')
  )
}

function keep({ keeps }: Row, way: Way, stdout: string): void {
  if (keeps === undefined) return
  const [name, ...path] = keeps
  // biome-ignore lint/suspicious/noExplicitAny: whatever the relay says.
  const found = path.reduce((value: any, step) => value?.[step], JSON.parse(stdout))
  kept[way][name] = String(found)
}

/** The relay takes a new endpoint up within a second; then its state is known. */
async function areTakenUp(line: string): Promise<void> {
  for (const way of ways)
    for (;;) {
      const { code, stdout } = await said(line, way, true)
      if (code !== 0 || stdout.includes('"health"')) break
    }
}

async function answersTo(row: Row, isJson: boolean) {
  const answers = []
  for (const way of ways) {
    const { code, stdout, stderr } = await said(row.line, way, isJson)
    if (isJson && code === 0) keep(row, way, stdout)
    answers.push({ code, stdout: alike(stdout), stderr: alike(stderr) })
  }
  return answers
}

/** What changes nothing is asked in text too. */
function isLook(line: string): boolean {
  return /^(rates|search|events|explain|trace|\S+ (list|show|dead|suspensions|records))\b/.test(
    line,
  )
}

test('Every command says the same by the socket and from elsewhere', async (context) => {
  for (const row of rows)
    await context.test(row.line, async () => {
      if (row.line.startsWith('webhook show')) await areTakenUp(row.line)
      for (const isJson of isLook(row.line) ? [true, false] : [true]) {
        let [here, elsewhere] = await answersTo(row, isJson)
        // Views of what happens follow within a second or two: one tenant's may be ahead of the other's.
        for (let left = FOLLOWING; left > 0 && isLook(row.line); left--) {
          if (isDeepStrictEqual(here, elsewhere)) break
          await clock.sleep(ms(100))
          ;[here, elsewhere] = await answersTo(row, isJson)
        }
        assert.deepEqual(elsewhere, here)
        assert.notEqual(here?.code, 70, here?.stderr)
      }
    })
})

test('Every command that a relay elsewhere can be asked is in the table, with each of its verbs', async () => {
  for (const { name } of commandTable) {
    if (ofThisHost.includes(name)) continue
    const { stdout } = await said(`${name} --help`, 'socket', false)
    const verbs = [...(stdout.split(/^Commands:$/m)[1] ?? '').matchAll(/^ {2}([a-z-]+)/gm)]
    const lines = verbs.length === 0 ? [name] : verbs.map(([, verb]) => `${name} ${verb}`)
    for (const line of lines)
      assert.ok(
        rows.some((row) => row.line === line || row.line.startsWith(`${line} `)),
        `"${line}" is not in the table`,
      )
  }
})

test('An export from elsewhere is the same file', async () => {
  const [one, other] = await Promise.all(
    ways.map((way) => readFile(join(relay.folder, `out-${way}.csv`), 'utf8')),
  )
  assert.ok(one && one.split('\n').length > 4)
  assert.equal(alike(other ?? ''), alike(one))
})

test('A key that is missing, or not good, is said with the exit code of its error', async () => {
  const output = new PassThrough()
  const line = ['tenant', 'list', '--url', new URL(relay.api).origin, '--json']
  for (const [secret, code, error] of [
    ['', 64, 'RLY_USAGE'],
    ['ph_AAAAAAAAAA_x', 77, 'RLY_UNAUTHENTICATED'],
  ] as const) {
    const errors = new PassThrough()
    assert.equal(await run(line, { output, errors, environment: { POSTHASTE_KEY: secret } }), code)
    assert.match(String(errors.read()), new RegExp(error))
  }
})
