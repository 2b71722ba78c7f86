// SPDX-License-Identifier: Apache-2.0
/**
 * Plays the client of a transcript against our server: over a pair of streams in memory, or over a socket of loopback. What it
 * knows beside the format of `transcript.ts`:
 *
 *     - in one piece          what the client says at once is not split
 *     - trusted                 the client needs no AUTH
 *     - trusts: address         nor does one that a proxy speaks for
 *     - balancer                the client is one, and must send a PROXY header
 *     - mail proxy              the client is one, and may say XCLIENT
 *     - SCRAM                   is offered too, with the secret and the nonce of RFC 7677 section 3
 *     - TLS                     STARTTLS is offered
 *     - clear text AUTH         AUTH is offered without TLS
 *     - admits: 452 4.3.1 text  what is said at MAIL, by whoever decides about mail
 *     - limit NAME: NUMBER      of `base/limits.ts`
 *     (greets)                  greeting, EHLO, and its reply
 *     (says EHLO)               and hears its reply; both also with ", is offered KEYWORD"
 *     (opens a transaction)     MAIL from a@shop.example and RCPT to b@example.net, both taken
 *     C: (TLS)                  the handshake
 *     C: (ends)                 says no more and listens on
 *     C: (resets)               is gone
 *     S: (closed)               the server has ended the session
 *     (5m pass)                 on the server's clock
 *     (drains)                  the server wants to end
 *     (lets go)                 a message from held@ or while `- slow` is let go
 *     = accepted <from> <to> <to>: content
 */
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { duplexPair } from 'node:stream'
import { ms, seconds } from '../../src/base/brand.ts'
import { DeadlineWheel } from '../../src/base/deadline-wheel.ts'
import { type ServerLimits, serverLimits } from '../../src/base/limits/limits.ts'
import { memoryLimits } from '../../src/base/limits/process-limits.ts'
import { silentLog } from '../../src/base/log.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { MemoryBudget } from '../../src/base/memory-budget.ts'
import { parseDuration } from '../../src/base/quantity.ts'
import { SubmissionHandler } from '../../src/intake/submission-handler.ts'
import { reply } from '../../src/protocol/reply.ts'
import { serverReplies } from '../../src/protocol/smtp/server-replies.ts'
import { ServerConnection } from '../../src/smtp/server-connection.ts'
import { ServerTls } from '../../src/smtp/server-tls.ts'
import { inTime } from '../support/in-time.ts'
import { MemoryAcceptor } from '../support/memory-acceptor.ts'
import { LOOPBACK, RunningListener } from '../support/running-listener.ts'
import { sinkCertificate } from '../support/sink-certificate.ts'
import { DialogClient } from './dialog-client.ts'
import { checkSettings, type Dialog, matches, type Split } from './transcript.ts'

/** A server that a client can talk to. */
interface Stage extends AsyncDisposable {
  readonly client: DialogClient
  readonly acceptor: MemoryAcceptor
  readonly pass: (duration: number) => void
  readonly drain: () => void
}

export type Ground = 'memory' | 'socket'

const SETTINGS = [
  'in one piece',
  'trusted',
  'trusts',
  'balancer',
  'mail proxy',
  'TLS',
  'clear text AUTH',
  'SCRAM',
  'admits',
  'slow',
]

export async function playServer(dialog: Dialog, split: Split, ground: Ground): Promise<void> {
  checkSettings(dialog, SETTINGS)
  await using stage = needsSocket(dialog, ground) ? await socketStage(dialog) : memoryStage(dialog)
  const { acceptor, client } = stage
  acceptor.admits = admissionOf(dialog)
  acceptor.isSlow = dialog.settings.has('slow')
  acceptor.offersScram = dialog.settings.has('SCRAM')
  acceptor.trustedAddresses.add(dialog.settings.get('trusts') ?? '')
  const where = (line: number) => `${dialog.file}:${line}`
  let said = ''
  const speak = async () => {
    await client.say(split(said))
    said = ''
  }
  for (const step of dialog.steps) {
    if (step.kind === 'says' && step.by === 'C') said += step.octets
    else {
      await speak()
      const doing =
        step.kind === 'says'
          ? hears(client, step.octets, where(step.line))
          : acts(stage, step.what, split, where(step.line))
      await inTime(doing, () => `${where(step.line)}: nothing comes; unread: ${client.unread}`)
    }
  }
  await speak()
  client.end()
  const rest = inTime(client.rest(), () => 'the server does not end')
  assert.equal(await rest, '', `${dialog.file}: at the end the server says more`)
  if (dialog.outcomes.length > 0) assert.deepEqual(outcomesOf(acceptor), dialog.outcomes)
}

/** Node's TLS does not go over streams in memory, and it is the listener that knows its proxies. */
function needsSocket({ settings, steps }: Dialog, ground: Ground): boolean {
  return (
    ground === 'socket' ||
    settings.has('balancer') ||
    settings.has('mail proxy') ||
    steps.some((step) => step.kind === 'does' && step.what === 'TLS')
  )
}

async function hears(client: DialogClient, expected: string, where: string): Promise<void> {
  const heard = await client.line()
  const pattern = expected.trimEnd()
  assert.ok(matches(heard, pattern), `${where}: expected "${pattern}", heard "${heard}"`)
}

async function acts(stage: Stage, what: string, split: Split, where: string): Promise<void> {
  const { acceptor, client } = stage
  const pass = /^(\S+) pass$/.exec(what)?.[1]
  if (pass !== undefined) {
    await client.settled()
    return stage.pass(parseDuration(pass) ?? assert.fail(`${where}: how long is ${pass}?`))
  }
  const [, hello, keyword] = /^(greets|says EHLO)(?:, is offered (.+))?$/.exec(what) ?? []
  if (hello !== undefined) {
    if (hello === 'greets') await hears(client, '220 relay.example ESMTP', where)
    return await greets(client, split, keyword, where)
  }
  switch (what) {
    case 'opens a transaction':
      for (const [line, answer] of [
        ['MAIL FROM:<a@shop.example>', '250 2.1.0 *'],
        ['RCPT TO:<b@example.net>', '250 2.1.5 *'],
      ] as const) {
        await client.say(split(`${line}\r\n`))
        await hears(client, answer, where)
      }
      return
    case 'TLS':
      return await client.secure()
    case 'ends':
      return client.end()
    case 'resets':
      return client.destroy()
    case 'closed':
      return assert.equal(await client.line(), '(closed)', where)
    case 'drains':
      return stage.drain()
    case 'lets go':
      for (const draft of acceptor.drafts) draft.letGo()
      return
    default:
      assert.fail(`${where}: (${what}) is not known`)
  }
}

async function greets(
  client: DialogClient,
  split: Split,
  keyword: string | undefined,
  where: string,
): Promise<void> {
  await client.say(split('EHLO client.example\r\n'))
  const offered: string[] = []
  for (let isLast = false; !isLast; ) {
    const line = await client.line()
    offered.push(line.slice(4))
    isLast = !line.startsWith('250-')
  }
  const isOffered = keyword === undefined || offered.includes(keyword)
  assert.ok(isOffered, `${where}: ${keyword} is not in ${offered.join('; ')}`)
}

function outcomesOf({ drafts }: MemoryAcceptor): string[] {
  return drafts.map(({ envelope, content, end }) => {
    const to = envelope.recipients.map(({ forwardPath }) => `<${forwardPath}>`).join(' ')
    const text = JSON.stringify(content).slice(1, -1) || '(nothing)'
    return `${end} <${envelope.reversePath ?? ''}> ${to}${end === 'accepted' ? `: ${text}` : ''}`
  })
}

function admissionOf({ settings }: Dialog): ReturnType<typeof reply> | null {
  const match = /^(\d{3}) (\S+) (.*)$/.exec(settings.get('admits') ?? '')
  return match === null ? null : reply(Number(match[1]), match[2] ?? null, match[3] ?? '')
}

function limitsOf({ settings }: Dialog): ServerLimits {
  const changes = [...settings]
    .filter(([name]) => name.startsWith('limit '))
    .map(([name, value]): [string, number] => [name.slice('limit '.length), Number(value)])
  return { ...serverLimits, ...Object.fromEntries(changes) }
}

/** A connection without a listener. */
function memoryStage(dialog: Dialog): Stage {
  const { settings } = dialog
  const [far, near] = duplexPair()
  const acceptor = new MemoryAcceptor()
  if (settings.has('trusted')) acceptor.trustedAddresses.add('192.0.2.1')
  const clock = new ManualClock()
  const certificates = [sinkCertificate]
  const tls = settings.has('TLS')
    ? new ServerTls({ certificates, clientCa: null, ticketKeys: null })
    : null
  const limits = limitsOf(dialog)
  // All that it uses of a socket, a stream has.
  const connection = new ServerConnection(far as unknown as Socket, {
    hostname: 'relay.example',
    limits,
    wheel: new DeadlineWheel(clock),
    tls: () => tls,
    isImplicitTls: false,
    refusal: null,
    claim: () => null,
    memory: new MemoryBudget(memoryLimits.incomingOctets),
    handler: new SubmissionHandler({
      address: '192.0.2.1',
      acceptor,
      allowsClearTextAuth: settings.has('clear text AUTH'),
      offersTls: () => tls !== null,
      mayClaimClient: false,
      clock,
      counts: { accepted: 0, refused: 0, authFailures: 0 },
      log: silentLog,
    }),
    onClosed: () => {},
  })
  return {
    client: new DialogClient(near),
    acceptor,
    pass: (duration) => clock.advance(ms(duration)),
    drain: () => connection.leave(serverReplies.shuttingDown),
    async [Symbol.asyncDispose]() {
      near.destroy()
      connection.destroy()
    },
  }
}

async function socketStage(dialog: Dialog): Promise<Stage> {
  const { settings } = dialog
  const running = await RunningListener.start({
    isTrusting: settings.has('trusted'),
    proxies: settings.has('balancer') ? [LOOPBACK] : [],
    claimants: settings.has('mail proxy') ? [LOOPBACK] : [],
    allowClearTextAuth: settings.has('clear text AUTH') ? 'loopback' : 'never',
    limits: limitsOf(dialog),
    ...(settings.has('TLS') ? { certificate: sinkCertificate } : {}),
  })
  const client = await DialogClient.open(running.port)
  return {
    client,
    acceptor: running.acceptor,
    pass: (duration) => running.wait(duration),
    drain: () => void running.listener.drain(seconds(60)),
    async [Symbol.asyncDispose]() {
      client.destroy()
      await running[Symbol.asyncDispose]()
    },
  }
}
